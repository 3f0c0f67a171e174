import type { Processes } from '@waybill/core';
import { pythonErrors } from '../errors/python-errors';
import { table, type Table } from '../project/project-facts';

const TIMEOUT_MS = 30_000;

/** The engine that cibuildwheel starts its Linux containers with (its documents, "container-engine"): `docker`, `podman`. */
export function containerEngine(manifest: Table, variables: Readonly<Record<string, string | undefined>>): string {
  const settings = table(table(manifest['tool'])['cibuildwheel']);
  const named = [variables['CIBW_CONTAINER_ENGINE'], table(settings['linux'])['container-engine'], settings['container-engine']];
  const texts = named.map((value) => (typeof value === 'string' ? value : table(value)['name']));
  const found = texts.find((value): value is string => typeof value === 'string' && value !== '');
  return found === undefined ? 'docker' : found.split(/[;:]/)[0]!.trim();
}

/** Asks the engine itself, not only its client. `WHEEL_ENGINE` when it does not answer: cibuildwheel would say so after the sdist was made. */
export async function checkEngine(engine: string, processes: Processes, env: Readonly<Record<string, string>>): Promise<void> {
  const result = await processes
    .run({ file: engine, args: ['version'], env, timeoutMs: TIMEOUT_MS })
    .catch((cause: { code?: string; message?: string }) => {
      if (cause.code !== 'PROCESS_START') throw cause;
      return { exitCode: null, timedOut: false, stdout: '', stderr: cause.message ?? 'it could not be started' };
    });
  if (result.exitCode === 0) return;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  throw pythonErrors.error('WHEEL_ENGINE', { engine, reason: result.timedOut ? 'it did not answer' : said });
}
