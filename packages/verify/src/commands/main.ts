#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { jsonOf, toFileError, WaybillError } from '@waybill/core';
import { verifyErrors } from '../errors/verify-errors';
import { parseFingerprint, parseKeys, withTrustedRoot, type TrustedKey } from '../keys/trusted-keys';
import { renderVerification } from '../report/render-table';
import type { Verification } from '../report/verification';
import { verifyDelivery } from '../verify-delivery';
import { parseVerifyArguments, verifyUsage, type VerifyArguments } from './verify-arguments';

/** The command's world. */
export interface CommandPorts {
  workingFolder: string;
  temporaryFolder: string;
  print(text: string): void;
  /** Lines for people. */
  tell(text: string): void;
}

const EXIT_CODES: Readonly<Record<Verification['verdict'], number>> = { verified: 0, failed: 1, 'integrity only': 3 };
const NOT_CHECKED = 2;

/** `npx @waybill/verify <folder|zip>`: 0 verified, 1 something does not hold, 2 it could not be checked, 3 integrity only. */
export async function main(args: readonly string[], ports: CommandPorts): Promise<number> {
  try {
    if (args.includes('--help') || args.includes('-h')) {
      ports.print(verifyUsage());
      return 0;
    }
    return await verify(parseVerifyArguments(args), ports);
  } catch (cause) {
    const error = codedOf(cause);
    if (!(error instanceof WaybillError)) {
      ports.tell(`${error instanceof Error ? error.stack : String(error)}\nfix: this is a fault of Waybill: report it with the lines above\n`);
      return NOT_CHECKED;
    }
    ports.tell(`${[`${error.code} ${error.message}`, ...error.details.map((line) => `  ${line}`), `fix: ${error.fix}`].join('\n')}\n`);
    return NOT_CHECKED;
  }
}

/** What the system refuses is no fault of ours: a file that may not be read, a loop of links, no place for temporary files. */
function codedOf(cause: unknown): unknown {
  const { path = '', syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  return toFileError(cause, syscall === 'mkdtemp' ? 'make' : 'read', path);
}

async function verify(options: VerifyArguments, ports: CommandPorts): Promise<number> {
  const result = await verifyDelivery({
    path: resolve(ports.workingFolder, options.target),
    keys: await keysOf(options, ports.workingFolder),
    ...(options.project !== undefined && { project: options.project }),
    ...(options.version !== undefined && { version: options.version }),
    ignoreMissing: options.ignoreMissing,
    temporaryFolder: ports.temporaryFolder,
  });
  ports.print(options.json ? `${JSON.stringify(result, null, 2)}\n` : renderVerification(result));
  return EXIT_CODES[result.verdict];
}

/** Who is named by fingerprint must have signed; a fingerprint takes its key's text from the files. Of keys in files alone, one is enough. */
async function keysOf(options: VerifyArguments, workingFolder: string): Promise<readonly TrustedKey[]> {
  const { trustedRoot } = options;
  const keys = await namedKeys(options, workingFolder);
  if (trustedRoot === undefined) return keys;
  const root = jsonOf(await readKeyFile(resolve(workingFolder, trustedRoot), trustedRoot));
  return keys.map((key) => withTrustedRoot(key, root, trustedRoot));
}

async function namedKeys({ fingerprints, keyFiles }: VerifyArguments, workingFolder: string): Promise<readonly TrustedKey[]> {
  const read = await Promise.all(keyFiles.map(async (file) => parseKeys(await readKeyFile(resolve(workingFolder, file), file), file)));
  const fromFiles = read.flat();
  if (fingerprints.length === 0) return fromFiles;
  return fingerprints.map(parseFingerprint).map((pin) => {
    const known = fromFiles.find(({ format, fingerprint }) => format === pin.format && fingerprint === pin.fingerprint);
    return { ...pin, ...known, required: true };
  });
}

function readKeyFile(path: string, file: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw verifyErrors.error('VERIFY_KEY', { source: `\`${file}\``, reason: cause.code === 'ENOENT' ? 'it is not there' : cause.message }, { cause });
  });
}

if (require.main === module) {
  const ports: CommandPorts = {
    workingFolder: process.cwd(),
    temporaryFolder: tmpdir(),
    print: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
  };
  void main(process.argv.slice(2), ports).then((code) => {
    process.exitCode = code;
  });
}
