import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readSdist } from '../../reading/read-sdist';
import { readWheel } from '../../reading/read-wheel';
import { repackSdist } from '../../repacking/repack-sdist';
import { repackSoundWheel } from '../../repacking/repack-wheel';
import type { Workplace } from '../../workplace/workplace-path';
import type { ReadResults } from './judge-results';

/** How results become what is delivered. */
export interface FinishRequest {
  places: Workplace;
  /** Pack them again, so that they are the same everywhere. */
  repack: boolean;
  mtimeSeconds: number;
}

type Finished<Facts> = { file: string; facts: Facts };

/** The sdist as it is delivered, and what it says. Runs while the wheel is made. */
export async function finishSdist(
  file: string,
  { places, repack, mtimeSeconds }: FinishRequest,
): Promise<Finished<Awaited<ReturnType<typeof readSdist>>>> {
  const output = await placeFor(file, places);
  if (repack) await repackSdist({ input: file, output, mtimeSeconds });
  else await copyFile(file, output);
  return { file: output, facts: await readSdist(output) };
}

/** A wheel that cannot be packed again stays as it is: the checks tell why, with all else that they find. */
export async function finishWheel(file: string, { places, repack, mtimeSeconds }: FinishRequest): Promise<ReadResults['wheels'][number]> {
  const output = await placeFor(file, places);
  const buildPaths = [places.sdist, places.sources, places.root];
  const repacked = repack ? await repackSoundWheel({ input: file, output, mtimeSeconds, buildPaths }) : undefined;
  if (repacked === undefined) await copyFile(file, output);
  return { file: output, facts: await readWheel(output) };
}

async function placeFor(file: string, { scratch }: Workplace): Promise<string> {
  const folder = join(scratch, 'final');
  await mkdir(folder, { recursive: true });
  return join(folder, basename(file));
}
