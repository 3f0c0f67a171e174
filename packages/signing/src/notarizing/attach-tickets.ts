import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { MANIFEST_PATH, type Artifact } from '@waybill/artifacts';
import { copyTreeItems, hashFile, isBelow, readTree, type TreeItem } from '@waybill/core';
import { describeFolder } from '@waybill/plugin-kit';
import { packAgain } from '../inside/repack-archive';
import { rewriteManifest } from '../inside/rewrite-metadata';
import { signatureOfDiskImage } from '../images/judge-image';
import { writeStapledImage } from '../images/write-stapled-image';
import { codeDirectoryOf, type CodeSlice } from '../macho/read-code-file';
import { lookUpTicket, type CodeHash, type TicketService } from '../notary/ticket';
import { stapleFlatPackage, type FlatPackage } from './flat-package';
import type { OpenSubject } from './open-subject';
import type { CodeFile } from './preflight/inspect-tree';

/**
 * `stapled`: every `.app`, or the image or package, holds its ticket. `online`: macOS asks for it at the first start. `waited-for`: it is not given out yet. `none`: not
 * asked for.
 */
export type TicketState = 'stapled' | 'online' | 'waited-for' | 'none';

export interface AttachRequest {
  service: TicketService;
  staple: boolean;
  /** Absolute path of the artifact with its tickets. */
  output: string;
}

export interface Attached {
  ticket: TicketState;
  /** Of `waited-for`: what the server said. */
  why?: string;
  artifact?: Artifact;
}

/** Where macOS looks for a stapled ticket in an `.app`. */
const TICKET_IN_APP = 'Contents/CodeResources';
const HASH_NUMBERS: Readonly<Record<string, number>> = { sha1: 1, sha256: 2 };

/**
 * Apple has said yes: asks for the ticket as macOS would, and puts it into each `.app`, or behind a package. A bare folder, and an archive of one, cannot hold a ticket.
 * Disk images are not looked into, so nothing is asked for and nothing attached.
 */
export async function attachTickets(subject: OpenSubject, { service, staple, output }: AttachRequest): Promise<Attached> {
  const { root, flat } = subject;
  if (flat) return attachToPackage(subject.of, flat, { service, staple, output });
  if (root === undefined) return attachToDiskImage(subject.of, { service, staple, output });
  const apps = staple ? appsIn(subject) : [];
  const tickets = new Map<string, Buffer>();
  for (const { app, program } of apps) {
    const found = await lookUpTicket(service, hashOf(program));
    if ('missing' in found) return { ticket: 'waited-for', why: found.missing };
    tickets.set(app === '' ? TICKET_IN_APP : `${app}/${TICKET_IN_APP}`, found.ticket);
  }
  if (tickets.size > 0) return { ticket: 'stapled', artifact: await writeStapled(subject, tickets, output) };
  const started = startedFile(subject);
  if (started === undefined) return { ticket: 'none' };
  const found = await lookUpTicket(service, hashOf(started));
  return 'missing' in found ? { ticket: 'waited-for', why: found.missing } : { ticket: 'online' };
}

async function attachToPackage(of: OpenSubject['of'], flat: FlatPackage, { service, staple, output }: AttachRequest): Promise<Attached> {
  const found = await lookUpTicket(service, flat.hash);
  if ('missing' in found) return { ticket: 'waited-for', why: found.missing };
  if (!staple) return { ticket: 'online' };
  await stapleFlatPackage(of.file, flat, found.ticket, output);
  return { ticket: 'stapled', artifact: stapledOf(of, await hashFile(output)) };
}

/** One that nobody has signed cannot hold a ticket, and nothing is known by which to ask for one. */
async function attachToDiskImage(of: OpenSubject['of'], { service, staple, output }: AttachRequest): Promise<Attached> {
  const signature = signatureOfDiskImage(of.file, Date.now());
  if (signature.state !== 'read') return { ticket: 'online' };
  const found = await lookUpTicket(service, hashOfSignature(signature));
  if ('missing' in found) return { ticket: 'waited-for', why: found.missing };
  if (!staple) return { ticket: 'online' };
  await writeStapledImage(of.file, found.ticket, output);
  return { ticket: 'stapled', artifact: stapledOf(of, await hashFile(output)) };
}

/** The launcher, else the first program there is, else any code. */
const startedFile = ({ files, launcher }: OpenSubject): CodeFile | undefined =>
  files.find(({ path }) => path === launcher) ?? files.find(({ code }) => code.slices[0]?.type === 'executable') ?? files[0];

const hashOf = ({ code }: CodeFile): CodeHash => hashOfSignature(code.slices[0]!.signature);

function hashOfSignature(signature: CodeSlice['signature']): CodeHash {
  if (signature.state !== 'read') throw new Error('code that is not signed has passed the preflight');
  const { hashType, cdhash } = codeDirectoryOf(signature.verification);
  return { hashType: HASH_NUMBERS[hashType] ?? 2, cdhash };
}

/** Outermost ones, each with its main program. `''`: the root is one itself. */
function appsIn({ bundles, files }: OpenSubject): readonly { app: string; program: CodeFile }[] {
  const outermost = bundles.filter(({ path }) => !bundles.some((other) => other.path !== path && isBelow(path, other.path)));
  return outermost.flatMap(({ path: app, program: path }) => {
    const program = files.find((file) => file.path === path);
    return program ? [{ app, program }] : [];
  });
}

async function writeStapled({ of, root, top = '' }: OpenSubject, tickets: ReadonlyMap<string, Buffer>, output: string): Promise<Artifact> {
  const tree = { root: root!, top };
  const described = of.kind === 'bundle-archive' ? await stapleArchive(of, tree, tickets, output) : await stapleFolder(root!, tickets, output);
  return stapledOf(of, described);
}

const stapledOf = ({ name, kind, platform, ships, sha256: from }: OpenSubject['of'], described: { size: number; sha256: string }): Artifact => ({
  ...{ name, path: name, kind, ...(platform !== undefined && { platform }), ships, size: described.size, sha256: described.sha256 },
  madeFrom: [`sha256:${from}`],
});

async function stapleArchive(
  of: OpenSubject['of'],
  tree: { root: string; top: string },
  tickets: ReadonlyMap<string, Buffer>,
  output: string,
): Promise<{ size: number; sha256: string }> {
  await writeTickets(tree, tickets);
  return packAgain(of, tree.root, output, { added: [...tickets.keys()] });
}

async function stapleFolder(root: string, tickets: ReadonlyMap<string, Buffer>, output: string): Promise<{ size: number; sha256: string }> {
  const items: readonly TreeItem[] = await readTree(root);
  await copyTreeItems(
    output,
    items.map(({ path, mode }) => ({ from: join(root, path), to: path, mode })),
  );
  await writeTickets({ root: output, top: '' }, tickets);
  return describeFolder(output);
}

/** A manifest of the bundle lists them too. */
async function writeTickets({ root, top }: { root: string; top: string }, tickets: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [path, ticket] of tickets) await writeFile(join(root, path), ticket, { mode: 0o644 });
  const bundle = join(root, top);
  const files = existsSync(join(bundle, MANIFEST_PATH)) ? [MANIFEST_PATH] : [];
  await rewriteManifest(bundle, files, { changed: [...tickets.keys()].map((path) => posix.relative(top, path)) });
}
