import type { Period } from './clock-text';

/** Why two builds of one source differ, in the order in which causes are told: an earlier one may be all that is behind a later one. */
export const DIFFERENCE_CAUSES = [
  'mtime',
  'mode',
  'owner',
  'order',
  'members',
  'path',
  'hash seed',
  'clock',
  'gzip header',
  'container',
  'content',
] as const;

export type DifferenceCause = (typeof DIFFERENCE_CAUSES)[number];

export interface Difference {
  cause: DifferenceCause;
  /** Path of the member; absent: the archive as a whole. */
  member?: string;
  /** One sentence without full stop. */
  message: string;
  /** Of the first and of the second build. */
  first: string;
  second: string;
  /** Where another thing than that of the cause mends it. */
  fix?: string;
}

/** What tells whence a difference in content comes. Contents are asked for only of members that differ. */
export interface ComparedContents {
  /** Folders of the first build and those that stood for them in the second. */
  roots: readonly (readonly [first: string, second: string])[];
  /** The content of a member; `undefined` when it is too large to be looked at. */
  /** When each build ran. */
  clock?: Readonly<Record<'first' | 'second', Period>>;
  /** The time that all sources of a build had, in seconds since 1970. */
  sourceTimes?: Readonly<Record<'first' | 'second', number>>;
  /** Names of files of the project, without their folders. */
  names?: ReadonlySet<string>;
  read(build: 'first' | 'second', path: string): Uint8Array | undefined;
}
