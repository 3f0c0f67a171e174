import { WaybillError } from '@waybill/core';
import type { PublishFile, UploadOutcome } from '../destination';
import { publishingErrors } from '../errors/publishing-errors';
import type { DestinationLedger } from './destination-ledger';
import { NO_ANSWER, pauseMs } from './pauses';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';

const ATTEMPTS = 4;
/** No answer of somebody else than the destination: what to do then is another thing. */
const OWN_FIX: ReadonlySet<string> = new Set(['PUBLISH_ATTESTATION_UNANSWERED']);

/** All destinations at once are told to stop when one of them fails: each ends the file it is at. */
export interface Uploads {
  request: PublishRequest;
  ports: PublishPorts;
  stopped: boolean;
  /** A destination has a file of this run. */
  onFirst(id: string): void;
}

/** Sends what is missing, one file after the other. Gives the names that were sent. */
export async function uploadFiles(uploads: Uploads, delivery: Delivery, ledger: DestinationLedger): Promise<readonly string[]> {
  const { destination } = delivery;
  const sent: string[] = [];
  for (const [index, file] of delivery.files.entries()) {
    const { state } = delivery.plan.rows[index]!;
    if (state === 'same') {
      if (!ledger.isDone(file)) await ledger.write({ record: 'done', how: 'found', name: file.name, sha256: file.sha256 });
      continue;
    }
    if (uploads.stopped) break;
    if (destination.remote && ledger.isDone(file)) {
      uploads.ports.line(`${destination.id}: \`${file.name}\` was taken by an earlier run and is not shown yet; it is not sent again`);
      uploads.onFirst(destination.id);
      continue;
    }
    await uploadFile(uploads, delivery, file, ledger);
    uploads.onFirst(destination.id);
    uploads.ports.line(`${destination.id}: \`${file.name}\` sent`);
    sent.push(file.name);
  }
  return sent;
}

/** Until the destination has it. An uncertain answer is decided by looking, never by sending again at once. */
async function uploadFile(uploads: Uploads, delivery: Delivery, file: PublishFile, ledger: DestinationLedger): Promise<void> {
  const { destination } = delivery;
  const about = { name: file.name, sha256: file.sha256 };
  let last: { reason: string; fix?: string } = { reason: '' };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await ledger.write({ record: 'intent', ...about });
    const outcome = await attemptUpload(uploads, delivery, file).catch(async (cause: unknown) => {
      await ledger.write({ record: 'failed', ...about, reason: cause instanceof Error ? cause.message : String(cause) });
      throw cause;
    });
    if (outcome.attested === true) await ledger.write({ record: 'attested', ...about });
    if (outcome.outcome === 'stored') return ledger.write({ record: 'done', how: 'stored', ...about });
    last = outcome;
    await uploads.ports.sleep(outcome.retryAfterMs ?? pauseMs(attempt));
    const [there] = await destination.inspect(uploads.request.release, [file]);
    if (there?.state === 'same') return ledger.write({ record: 'done', how: 'found', ...about });
    if (there?.state === 'conflict') {
      const { name, sha256: expected } = about;
      throw publishingErrors.error('PUBLISH_VERIFY', { name, destination: destination.id, expected, actual: there.reason ?? 'other bytes' });
    }
  }
  await ledger.write({ record: 'failed', ...about, reason: last.reason });
  const { reason, fix } = last;
  const remedies = fix === undefined ? [] : [fix];
  throw publishingErrors.error('PUBLISH_NOT_STORED', { name: file.name, destination: destination.id, attempts: ATTEMPTS, reason, remedies });
}

function attemptUpload({ request, ports }: Uploads, { destination }: Delivery, file: PublishFile): Promise<UploadOutcome> {
  let sent = 0;
  const onSent = (bytes: number): void => ports.onSent?.(destination.id, file, (sent += bytes));
  return destination.upload(request.release, file, { onSent, timeoutMs: request.requestTimeoutMs }).catch((cause: unknown): UploadOutcome => {
    if (cause instanceof WaybillError && NO_ANSWER.has(cause.code))
      return { outcome: 'uncertain', reason: cause.message, ...(OWN_FIX.has(cause.code) && { fix: cause.fix }) };
    throw cause;
  });
}
