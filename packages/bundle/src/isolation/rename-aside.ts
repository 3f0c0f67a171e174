import { renameSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import type { HiddenPlace } from './hidden-places';

/** Behind the name of what was renamed. */
export const ASIDE = '.waybill-aside';

/**
 * Renames places until the returned function is called, or the process ends; or gives the reason why one cannot be, with everything back in
 * its place. What a killed run left aside is taken back first, so that nobody loses a Python.
 */
export async function renameAside(places: readonly HiddenPlace[]): Promise<(() => Promise<void>) | string> {
  const done: { from: string; to: string }[] = [];
  const atEnd = (): void =>
    done
      .splice(0)
      .reverse()
      .forEach(({ from, to }) => renameSync(to, from));
  const restore = async (): Promise<void> => {
    process.off('exit', atEnd);
    for (const { from, to } of done.splice(0).reverse()) await rename(to, from);
  };
  process.once('exit', atEnd);
  for (const { path } of places) {
    const reason = await moveAside(path);
    if (reason === undefined) done.push({ from: path, to: `${path}${ASIDE}` });
    else if (reason !== 'gone') {
      await restore();
      return reason;
    }
  }
  return restore;
}

async function moveAside(path: string): Promise<string | undefined> {
  const aside = `${path}${ASIDE}`;
  const [here, there] = await Promise.all([exists(path), exists(aside)]);
  if (here && there) return `\`${aside}\` is there already: look whether it is the right \`${path}\`, and remove the other`;
  if (there) await rename(aside, path);
  else if (!here) return 'gone';
  return rename(path, aside).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => `\`${path}\` cannot be renamed (${error.code ?? error.message})`,
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
