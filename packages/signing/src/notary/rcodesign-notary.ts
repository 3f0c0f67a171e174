import { runTool, WaybillError } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { FILE_TIMEOUT_MS, type ToolPorts } from '../inside/run-signer';
import { withSecretFiles } from '../inside/secret-files';
import type { ApiKey } from './api-key';
import { withNamedFile, withoutEnding } from './named-file';
import { parseLog, type SubmissionState } from './notary-client';
import { NOTARY_URL, pauseBehind } from './notary-request';
import { BytesNotSent, type NotaryService } from './notary-service';

export interface RcodesignNotaryRequest {
  ports: ToolPorts;
  key: ApiKey;
  pause(ms: number): Promise<unknown>;
}

const TRIES = 5;
/** As it writes what Apple says, in two places. */
const STATES: Readonly<Record<string, string>> = {
  ...{ accepted: 'Accepted', 'in progress': 'In Progress', invalid: 'Invalid', rejected: 'Rejected' },
  ...{ Accepted: 'Accepted', InProgress: 'In Progress', Invalid: 'Invalid', Rejected: 'Rejected' },
};
const LISTED = /^(\S+) (\S+) (.*) submissions (.+)$/gm;
const POLLED = /^poll state after \d+s: (\w+)$/m;
/** Without the structure of its error, which comes behind. */
const UPLOAD = /^Error: (s3 upload error: .*?)(?: \(\w+\(\w+ \{.*)?$/m;
const MADE = /^created submission ID: (\S+)$/m;

/**
 * By rcodesign 0.29.0, which makes a submission and sends its bytes in one call; it is never told to wait for longer than one question. The key lies in a 0600 file while a call
 * runs, command lines hold its path alone. `NOTARIZE_…`; what it says else is `PROCESS_FAILED`.
 */
export function rcodesignService(request: RcodesignNotaryRequest): NotaryService {
  const ask = (action: string, args: readonly string[]): Promise<Answer> => askRepeatedly(request, action, args);
  return {
    address: NOTARY_URL,
    sendsWithSubmit: true,
    async history() {
      const { stdout } = await ask('list submissions', ['notary-list']);
      return [...stdout.matchAll(LISTED)].map(([, id, createdDate, name, state]) =>
        stateOf({ id: id!, createdDate: createdDate!, name: withoutEnding(name!) }, state!),
      );
    },
    async state(id) {
      // It ends with 1 when Apple is not done, and then fetches the log in the same call, which may not be there yet: what it said counts.
      const answer = await ask(`tell the state of submission ${id}`, ['notary-wait', '--max-wait-seconds', '0', id]);
      const polled = POLLED.exec(answer.stderr)?.[1];
      if (polled !== undefined) return stateOf({ id, createdDate: '', name: '' }, polled);
      if (answer.missing) return undefined;
      throw notarizeErrors.error('NOTARIZE_ANSWER', { action: `tell the state of submission ${id}`, reason: 'rcodesign told none' });
    },
    async log(id) {
      const answer = await ask(`give the log of submission ${id}`, ['notary-log', id]);
      return answer.missing ? undefined : parseLog(answer.stdout);
    },
    async submit({ name: shown, file }, name) {
      const action = `take ${shown}`;
      const answer = await withNamedFile(file!, name, (path) => callOnce(request, { action, args: ['notary-submit', path], tries: 1 }));
      const id = MADE.exec(answer.stderr)?.[1];
      if (answer.error === undefined && id !== undefined) return { id };
      if (answer.error === undefined) throw notarizeErrors.error('NOTARIZE_ANSWER', { action, reason: 'rcodesign told no number of the submission' });
      const said = UPLOAD.exec(answer.stderr)?.[1];
      if (id === undefined || said === undefined) throw answer.error;
      throw new BytesNotSent(id, notarizeErrors.error('NOTARIZE_UPLOAD', { name: shown, said }));
    },
  };
}

const stateOf = (known: Omit<SubmissionState, 'status'>, said: string): SubmissionState => ({ ...known, status: STATES[said] ?? said });

interface Call {
  action: string;
  args: readonly string[];
  /** How often it was asked, this call included. */
  tries: number;
}

/** What it printed. `missing`: there is no such submission, or no log yet; `error`: anything else that it failed for. */
interface Answer {
  stdout: string;
  stderr: string;
  missing?: true;
  error?: WaybillError;
}

/** An outage is asked about again, all else that it fails for is thrown; but where it told the state before it failed, that was what it was asked for. */
async function askRepeatedly(request: RcodesignNotaryRequest, action: string, args: readonly string[]): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await callOnce(request, { action, args, tries: attempt });
    if (answer.error === undefined || POLLED.test(answer.stderr)) return answer;
    if (answer.error.code !== 'NOTARIZE_UNREACHABLE' || attempt >= TRIES) throw answer.error;
    await request.pause(pauseBehind(attempt));
  }
}

/** Its configuration is empty: it would apply an `rcodesign.toml` of the working folder in silence. */
function callOnce({ ports, key: { key, keyId, issuer } }: RcodesignNotaryRequest, call: Call): Promise<Answer> {
  const { processes, tool, environment, timeoutMs } = ports;
  const [command, ...rest] = call.args;
  const limitMs = command === 'notary-submit' ? timeoutMs : Math.min(timeoutMs, FILE_TIMEOUT_MS);
  const secret = { issuer_id: issuer, key_id: keyId, private_key: key.export({ type: 'pkcs8', format: 'der' }).toString('base64') };
  return withSecretFiles({ 'api-key.json': JSON.stringify(secret) }, async (paths) => {
    const args = [command!, '-C', '/dev/null', '--api-key-file', paths['api-key.json'], ...rest];
    try {
      const { stdout, stderr } = await runTool(processes, tool, args, { env: environment, timeoutMs: limitMs });
      return { stdout, stderr };
    } catch (error) {
      if (!(error instanceof WaybillError) || !['PROCESS_FAILED', 'PROCESS_TIMEOUT'].includes(error.code)) throw error;
      return explain(error, call);
    }
  });
}

/** Apple’s answers come as they are, behind a line of its own: JSON, or what something between has put in its place. What never came to Apple is told by one line. */
function explain(error: WaybillError, { action, tries }: Call): Answer {
  const said = error.details.slice(1).join('\n');
  const answer = { stdout: '', stderr: said };
  const answered = /^Error: appstore connect error:/m.test(said);
  const status = answered ? Number(/"status": "(\d{3})"/.exec(said)?.[1] ?? BETWEEN) : undefined;
  if (status === undefined && !isNetworkFault(error, said)) return { ...answer, error };
  if (status === 404) return { ...answer, missing: true };
  if (status === 401) return { ...answer, error: notarizeErrors.error('NOTARIZE_UNAUTHORIZED', { action, said }) };
  if (status === 403) return { ...answer, error: notarizeErrors.error('NOTARIZE_FORBIDDEN', { action, said }) };
  if (status !== undefined && status !== 429 && status < 500)
    return { ...answer, error: notarizeErrors.error('NOTARIZE_REFUSED', { action, status, said }) };
  return { ...answer, error: notarizeErrors.error('NOTARIZE_UNREACHABLE', { action, tries, said: said || error.message }) };
}

const BETWEEN = 502;

const isNetworkFault = (error: WaybillError, said: string): boolean =>
  error.code === 'PROCESS_TIMEOUT' || /^Error: error (sending request|decoding response)/m.test(said);
