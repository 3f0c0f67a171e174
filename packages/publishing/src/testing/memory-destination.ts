import { hashBytes } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, TakenBack, UploadOutcome } from '../destination';

/** A destination in memory, and what it was asked to do. */
export interface MemoryDestination extends Destination {
  readonly held: Map<string, Uint8Array>;
  /** Bodies that arrived whole, by name, each time. */
  readonly stored: string[];
  pointer: string | undefined;
  takenBack: boolean;
  finalised: number;
}

export interface MemoryFaults {
  /** Before each call that has an effect or reads; may throw. */
  onCall?(what: string): void;
  /** Answer to an upload instead of the honest one; `keep` says whether the bytes are kept. */
  answer?(name: string, attempt: number): { keep: boolean; outcome: UploadOutcome } | undefined;
  /** Looks that show nothing of what was just stored. */
  lateLooks?: number;
  preflight?: Destination['preflight'];
  /** Before pointers move; may throw. */
  onFinalise?(attempt: number): void;
  takeBack?(): TakenBack;
  tryOut?: Destination['tryOut'];
  proveRights?: Destination['proveRights'];
  heldBack?: Destination['heldBack'];
  type?: Destination['type'];
}

export function memoryDestination(id: string, faults: MemoryFaults = {}): MemoryDestination {
  const held = new Map<string, Uint8Array>();
  const attempts = new Map<string, number>();
  let late = faults.lateLooks ?? 0;
  const call = (what: string): void => faults.onCall?.(`${id} ${what}`);
  const stateOf = (file: PublishFile): RemoteFile => {
    const bytes = held.get(file.name);
    if (!bytes) return { name: file.name, state: 'absent' };
    const sha256 = hashBytes(bytes);
    return sha256 === file.sha256
      ? { name: file.name, state: 'same', sha256 }
      : { name: file.name, state: 'conflict', sha256, reason: `sha256 ${sha256}` };
  };
  const destination: MemoryDestination = {
    id,
    type: faults.type ?? 's3',
    remote: true,
    rights: faults.type === 'index' ? 'first-file' : faults.proveRights ? 'hidden-write' : 'preflight',
    identity: `memory:${id}`,
    title: `memory ${id}`,
    held,
    stored: [],
    pointer: undefined,
    takenBack: false,
    finalised: 0,
    choose: (_, files) => ({
      files: files.filter(({ kind }) => kind !== 'symbols'),
      left: files.filter(({ kind }) => kind === 'symbols').map(({ name }) => ({ name, reason: 'symbols stay here' })),
    }),
    preflight: faults.preflight ?? (async () => []),
    ...(faults.tryOut && { tryOut: faults.tryOut }),
    ...(faults.heldBack && { heldBack: faults.heldBack }),
    ...(faults.proveRights && { proveRights: faults.proveRights }),
    async inspect(_, files) {
      call('inspect');
      if (destination.stored.length > 0 && late > 0) {
        late -= 1;
        return files.map(({ name }) => ({ name, state: 'absent' as const }));
      }
      return files.map(stateOf);
    },
    async upload(_, file) {
      call(`upload ${file.name}`);
      const attempt = (attempts.get(file.name) ?? 0) + 1;
      attempts.set(file.name, attempt);
      const answer = faults.answer?.(file.name, attempt) ?? { keep: true, outcome: { outcome: 'stored' as const } };
      if (answer.keep) {
        held.set(file.name, await bytesOf(file));
        destination.stored.push(file.name);
      }
      call(`answer ${file.name}`);
      return answer.outcome;
    },
    async finalise({ version }: Release) {
      call('finalise');
      destination.finalised += 1;
      faults.onFinalise?.(destination.finalised);
      destination.pointer = version;
      return [`current is ${version}`];
    },
    list: async () => [...held].map(([name, bytes]) => ({ name, state: 'same', sha256: hashBytes(bytes) })),
    async *download(_, name) {
      yield held.get(name)!;
    },
    guide: ({ version }) => ({ install: [`get ${version}`], takeBack: [`remove ${version}`] }),
    readTakenBack: async () => (destination.takenBack ? 'a mark' : undefined),
    takeBack: async () => {
      destination.takenBack = true;
      return faults.takeBack?.() ?? { outcome: 'done', lines: ['removed'] };
    },
  };
  return destination;
}

async function bytesOf(file: PublishFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.content.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function memoryFile(name: string, text: string, kind: PublishFile['kind'] = 'bundle-archive'): PublishFile {
  const bytes = Buffer.from(text);
  const content = {
    size: bytes.length,
    async *open(): AsyncGenerator<Uint8Array> {
      yield bytes;
    },
  };
  return { name, kind, size: bytes.length, sha256: hashBytes(bytes), madeFrom: [], content };
}
