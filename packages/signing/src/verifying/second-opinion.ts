import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, type Processes } from '@waybill/core';
import { parseArmor, type SignatureFormatId } from '@waybill/signatures';
import type { DetachedSigner } from '../backends';
import { signingErrors } from '../errors/signing-errors';

/** A signed file with its signature, for another program to verify. */
export interface Made {
  name: string;
  file: string;
  signature: Uint8Array;
}

export interface Opinion {
  /** The program that verified it, or why none did. */
  by: string;
  held: boolean;
}

interface Judge {
  program: string;
  /** Whole arguments; files lie in `folder`, which holds public things alone. */
  prepare(signer: DetachedSigner, made: Made, folder: string): Promise<{ args: readonly string[]; input?: Uint8Array } | undefined>;
  /** Did the program say that it was this signer? Its exit code alone does not tell. */
  names(output: string, signer: DetachedSigner): boolean;
}

const TIMEOUT_MS = 300_000;
/** ssh-keygen reads what was signed from standard input, and that is given as a whole. */
const LARGEST_INPUT = 1024 ** 3;

/** None for sigstore: cosign’s words are not known well enough to be judged by. */
const JUDGES: Readonly<Partial<Record<SignatureFormatId, Judge>>> = {
  gpg: {
    program: 'gpgv',
    prepare: async ({ publicKey }, { file }, folder) => {
      await writeFile(join(folder, 'ring.gpg'), parseArmor(publicKey, 'PUBLIC KEY BLOCK', 'the public key'));
      return { args: ['--homedir', folder, '--keyring', join(folder, 'ring.gpg'), '--status-fd', '1', join(folder, 'signature'), file] };
    },
    names: (output, { fingerprint }) => new RegExp(`^\\[GNUPG:\\] VALIDSIG .* ${fingerprint}$`, 'm').test(output),
  },
  minisign: {
    program: 'minisign',
    prepare: async ({ publicKey }, { file }, folder) => ({ args: ['-V', '-P', publicKey, '-x', join(folder, 'signature'), '-m', file] }),
    names: (output) => output.includes('Signature and comment signature verified'),
  },
  ssh: {
    program: 'ssh-keygen',
    prepare: async ({ publicKey }, { file }, folder) => {
      if ((await stat(file)).size > LARGEST_INPUT) return undefined;
      await writeFile(join(folder, 'allowed'), `release ${publicKey}\n`);
      const args = ['-Y', 'verify', '-f', join(folder, 'allowed'), '-I', 'release', '-n', 'file', '-s', join(folder, 'signature')];
      return { args, input: await readFile(file) };
    },
    names: (output, { fingerprint }) => output.includes('Good "file" signature for release') && output.includes(fingerprint),
  },
};

/** Lets the format's own program verify, where it is installed. That it refuses is `SIGN_VERIFY`; that it is not there is said. */
export async function secondOpinion(
  signer: DetachedSigner,
  made: Made,
  { processes, environment }: { processes: Processes; environment: Readonly<Record<string, string>> },
): Promise<Opinion> {
  const judge = JUDGES[signer.format.id];
  if (!judge) return { by: 'no other program is asked', held: false };
  const program = findOnPath(judge.program, environment);
  if (program === undefined) return { by: `${judge.program} is not installed`, held: false };
  const folder = await mkdtemp(join(tmpdir(), 'waybill-verify-'));
  try {
    await writeFile(join(folder, 'signature'), made.signature);
    const prepared = await judge.prepare(signer, made, folder);
    if (!prepared) return { by: `${judge.program} cannot be given a file of this size`, held: false };
    const { exitCode, stdout, stderr } = await processes.run({ file: program, ...prepared, env: environment, timeoutMs: TIMEOUT_MS });
    if (exitCode === 0 && judge.names(stdout, signer)) return { by: judge.program, held: true };
    const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1);
    throw signingErrors.error('SIGN_VERIFY', { name: made.name, by: `\`${judge.program}\``, reason: said || `it ended with ${exitCode}` });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
