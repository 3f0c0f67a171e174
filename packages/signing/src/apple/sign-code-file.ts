import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { signingErrors } from '../errors/signing-errors';
import { retryTimestamps, type TimestampRules } from '../inside/retry-timestamps';
import { readCodeFile } from '../macho/read-code-file';
import { problemOfSignature, type WantedSignature } from './judge-signature';
import type { SignCode } from './rcodesign';

export interface SignCodeFile extends TimestampRules {
  sign: SignCode;
  /** Absolute; replaced by the signed file, its mode kept. */
  file: string;
  /** Path for people. */
  path: string;
  wanted: WantedSignature;
  /** Absolute path of the property list with `wanted.entitlements`. */
  entitlementsFile?: string | undefined;
}

/** As rcodesign says it; the address of the server alone stands in everything that it prints. */
export const TIMESTAMP_FAULT = /Time-Stamp Protocol error|timestamp was expected|timestamp service is not available/i;

/** Signs one Mach-O file and reads its signature back, before it takes the place of the unsigned one. `SIGN_TIMESTAMP`, `SIGN_VERIFY`. */
export async function signCodeFile(request: SignCodeFile): Promise<void> {
  const { file, path, wanted } = request;
  const output = `${file}.waybill-signed`;
  const { mode } = await stat(file);
  try {
    const { identifier, team, hardenedRuntime } = wanted;
    const said = { input: file, output, identifier, team, hardenedRuntime, entitlements: request.entitlementsFile };
    await retryTimestamps({
      ...request,
      output,
      isTimestampFault: TIMESTAMP_FAULT,
      sign: (timestampUrl) => request.sign({ ...said, timestampUrl }),
    });
    const problem = problemOfSignature(readCodeFile(output, Date.now()), wanted);
    if (problem !== undefined) throw signingErrors.error('SIGN_VERIFY', { name: path, by: '`@waybill/binary`', reason: problem });
    await chmod(output, mode & 0o777);
    await rename(output, file);
  } finally {
    await rm(output, { force: true });
  }
}

/** Puts what an earlier run signed in its place. */
export async function takeEarlier(earlier: string, file: string, mode: number): Promise<void> {
  await copyFile(earlier, file);
  await chmod(file, mode);
}
