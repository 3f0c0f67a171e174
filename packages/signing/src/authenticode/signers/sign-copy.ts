import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Answer } from '../../inside/run-signer';
import type { SignRequest } from '../osslsigncode';

/** For tools that sign in place, go by the endings of names and take some letters in them for patterns: they are given a copy with a plain name. */
export async function signCopy({ input, output }: SignRequest, sign: (copy: string) => Promise<Answer>): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-sign-'));
  try {
    const copy = join(folder, `file${extname(input)}`);
    await copyFile(input, copy);
    await chmod(copy, 0o600);
    const answer = await sign(copy);
    if (answer.ok) await copyFile(copy, output);
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
