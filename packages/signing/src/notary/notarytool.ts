import { runTool, WaybillError } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { FILE_TIMEOUT_MS, type ToolPorts } from '../inside/run-signer';
import { withSecretFiles } from '../inside/secret-files';
import type { ApiKey } from './api-key';
import { parseLog, parseState, readObject } from './notary-client';
import { withNamedFile, withoutEnding } from './named-file';
import { NOTARY_URL, pauseBehind } from './notary-request';
import type { NotaryService } from './notary-service';

/** A key of App Store Connect, or the name under which `notarytool store-credentials` put credentials of any kind into the keychain. */
export type NotarytoolCredential = { key: ApiKey } | { profile: string };

export interface NotarytoolRequest {
  ports: ToolPorts;
  credential: NotarytoolCredential;
  pause(ms: number): Promise<unknown>;
}

const TRIES = 5;

/**
 * By Apple’s notarytool, which makes a submission and sends its bytes in one call; it is never told to wait. A key lies in a 0600 file while a call runs, command lines
 * hold its path alone. `NOTARIZE_…`; what it says else is `PROCESS_FAILED`.
 */
export function notarytoolService(request: NotarytoolRequest): NotaryService {
  const ask = (action: string, args: readonly string[]): Promise<string | undefined> => askRepeatedly(request, action, args);
  return {
    address: NOTARY_URL,
    sendsWithSubmit: true,
    async history() {
      const action = 'list submissions';
      const { history } = readObject((await ask(action, ['history', ...JSON_OUTPUT])) ?? '{}', action);
      const list = Array.isArray(history) ? (history as unknown[]) : [];
      return list.map((one) => parseState(one, action)).map((one) => ({ ...one, name: withoutEnding(one.name) }));
    },
    async state(id) {
      const action = `tell the state of submission ${id}`;
      const text = await ask(action, ['info', id, ...JSON_OUTPUT]);
      return text === undefined ? undefined : parseState(readObject(text, action), action);
    },
    async log(id) {
      const text = await ask(`give the log of submission ${id}`, ['log', id]);
      return text === undefined ? undefined : parseLog(text);
    },
    async submit({ name: shown, file }, name) {
      const action = `take ${shown}`;
      const text = await withNamedFile(file!, name, (path) =>
        callOnce(request, { action, args: ['submit', path, '--no-progress', ...JSON_OUTPUT], tries: 1 }),
      );
      if (text instanceof Error) throw text;
      const { id } = typeof text === 'string' ? readObject(text, action) : {};
      if (typeof id !== 'string') throw notarizeErrors.error('NOTARIZE_ANSWER', { action, reason: '`id` is missing' });
      return { id };
    },
  };
}

const JSON_OUTPUT = ['--output-format', 'json'];

async function askRepeatedly(request: NotarytoolRequest, action: string, args: readonly string[]): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await callOnce(request, { action, args, tries: attempt });
    if (!(answer instanceof Error)) return answer;
    if (attempt >= TRIES) throw answer;
    await request.pause(pauseBehind(attempt));
  }
}

interface Call {
  action: string;
  args: readonly string[];
  /** How often it was asked, this call included. */
  tries: number;
}

/** What it printed; `undefined`: there is no such submission, or no log yet; an error: Apple gave no answer. Everything else is thrown. */
async function callOnce({ ports, credential }: NotarytoolRequest, call: Call): Promise<string | Error | undefined> {
  const run = async (access: readonly string[]): Promise<string | Error | undefined> => {
    const { processes, tool, environment, timeoutMs } = ports;
    const limitMs = call.args[0] === 'submit' ? timeoutMs : Math.min(timeoutMs, FILE_TIMEOUT_MS);
    try {
      return (await runTool(processes, tool, ['notarytool', ...call.args, ...access], { env: environment, timeoutMs: limitMs })).stdout;
    } catch (error) {
      if (!(error instanceof WaybillError) || !['PROCESS_FAILED', 'PROCESS_TIMEOUT'].includes(error.code)) throw error;
      return explain(error, credential, call);
    }
  };
  if ('profile' in credential) return run(['--keychain-profile', credential.profile]);
  const { key, keyId, issuer } = credential.key;
  const files = { 'AuthKey.p8': key.export({ type: 'pkcs8', format: 'pem' }) as string };
  return withSecretFiles(files, (paths) => run(['--key', paths['AuthKey.p8'], '--key-id', keyId, '--issuer', issuer]));
}

/** It tells its faults apart by words alone: nearly all of them end with 69. */
function explain(error: WaybillError, credential: NotarytoolCredential, { action, tries }: Call): Error | undefined {
  const said = error.details.slice(1).join('\n');
  if (/does not exist or does not belong to your team|log is not yet available/i.test(said)) return undefined;
  const profile = 'profile' in credential ? credential.profile : undefined;
  if (profile !== undefined && /No Keychain password item found|User interaction is not allowed|errSec/i.test(said))
    throw notarizeErrors.error('NOTARIZE_PROFILE', { profile, said });
  if (/status code: 401|Invalid credentials/i.test(said)) throw notarizeErrors.error('NOTARIZE_UNAUTHORIZED', { action, said, profile });
  if (/status code: 403|agreement/i.test(said)) throw notarizeErrors.error('NOTARIZE_FORBIDDEN', { action, said });
  if (
    error.code === 'PROCESS_TIMEOUT' ||
    /status code: (429|5\d\d)|NSURLErrorDomain|offline|timed out|could not connect|connection was lost/i.test(said)
  )
    return notarizeErrors.error('NOTARIZE_UNREACHABLE', { action, tries, said: said || error.message });
  throw error;
}
