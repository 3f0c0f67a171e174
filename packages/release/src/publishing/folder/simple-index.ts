import { normaliseDistribution } from '@waybill/artifacts';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, writeFileAtomic } from '@waybill/core';
import { namesIn, versionsIn } from './folder-layout';

/** Name of the index's folder, beside those of releases. */
export const INDEX = 'simple';
const DISTRIBUTION = /\.(whl|tar\.gz)$/;

/** Project of a wheel or sdist by its file name, or `undefined` for what is neither. */
export function projectOfFile(file: string, version: string): string | undefined {
  if (!DISTRIBUTION.test(file)) return undefined;
  const end = file.endsWith('.whl') ? file.indexOf('-') : file.length - `-${version}.tar.gz`.length;
  return end > 0 && file.slice(end).startsWith('-') && (file.endsWith('.whl') || file.endsWith(`-${version}.tar.gz`))
    ? normaliseDistribution(file.slice(0, end))
    : undefined;
}

interface Entry {
  file: string;
  /** Relative to the page. */
  url: string;
  sha256: string;
}

/**
 * Writes `simple/` anew for all that stands whole below `root`: a page for each project (PEP 503) and the same as JSON (PEP 691). Any web server, and
 * pip by a `file:` address, can serve it.
 */
export async function writeSimpleIndex(root: string): Promise<void> {
  const projects = new Map<string, Entry[]>();
  for (const name of (await namesIn(root)).filter((one) => one !== INDEX)) {
    for (const version of await versionsIn(join(root, name))) await addFiles(projects, root, name, version);
  }
  const before = await namesIn(join(root, INDEX));
  for (const project of before.filter((one) => !one.includes('.') && !projects.has(one))) {
    await rm(join(root, INDEX, project), { recursive: true, force: true });
  }
  for (const [project, entries] of projects) await writePages(join(root, INDEX, project), project, entries);
  const links = [...projects.keys()].sort().map((project) => `<a href="${project}/">${project}</a><br/>`);
  await writeIfChanged(join(root, INDEX, 'index.html'), page('Simple index', links));
}

async function addFiles(projects: Map<string, Entry[]>, root: string, name: string, version: string): Promise<void> {
  for (const file of await namesIn(join(root, name, version))) {
    const project = projectOfFile(file, version);
    if (project === undefined) continue;
    const { sha256 } = await hashFile(join(root, name, version, file));
    const entry = { file, sha256, url: `../../${[name, version, file].map(encodeURIComponent).join('/')}` };
    projects.set(project, [...(projects.get(project) ?? []), entry]);
  }
}

async function writePages(folder: string, project: string, entries: readonly Entry[]): Promise<void> {
  const links = entries.map(({ file, url, sha256 }) => `<a href="${url}#sha256=${sha256}">${file}</a><br/>`);
  await writeIfChanged(join(folder, 'index.html'), page(project, links));
  const files = entries.map(({ file, url, sha256 }) => ({ filename: file, url, hashes: { sha256 } }));
  await writeIfChanged(join(folder, 'index.json'), `${JSON.stringify({ meta: { 'api-version': '1.0' }, name: project, files }, null, 2)}\n`);
}

const page = (title: string, links: readonly string[]): string =>
  [
    '<!DOCTYPE html>',
    '<html>',
    `<head><meta charset="utf-8"/><meta name="pypi:repository-version" content="1.0"/><title>${title}</title></head>`,
    '<body>',
    ...links,
    '</body>',
    '</html>',
    '',
  ].join('\n');

async function writeIfChanged(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (present !== text) await writeFileAtomic(path, text);
}
