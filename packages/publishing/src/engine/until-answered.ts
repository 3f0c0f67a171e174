import { WaybillError } from '@waybill/core';
import type { PublishPorts } from './publish-request';
import { NO_ANSWER, pauseMs } from './pauses';

const ATTEMPTS = 4;

/** For what looks first and may be done twice: an answer that leaves open what was done is decided by doing it again. */
export async function untilAnswered<Result>(
  id: string,
  act: () => Promise<Result>,
  { sleep, line }: Pick<PublishPorts, 'sleep' | 'line'>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await act().then(
      (result) => ({ result }),
      (cause: unknown) => ({ cause }),
    );
    if ('result' in end) return end.result;
    const open = end.cause instanceof WaybillError && NO_ANSWER.has(end.cause.code) ? end.cause : undefined;
    if (open === undefined || attempt === ATTEMPTS) throw end.cause;
    line(`${id}: ${open.message}; looking again`);
    await sleep(pauseMs(attempt));
  }
}
