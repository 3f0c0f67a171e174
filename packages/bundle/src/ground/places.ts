import type { BundleLayout } from '@waybill/relocation';
import type { Place } from '../isolation';

/** A place that shows one property of paths, and how the launcher is called there. */
export interface Shape {
  id: string;
  /** What is special, for people. */
  what: string;
  path: string;
  /** How the launcher is started, when not by `<path>/<launcher>`; `locate` says where a path of the plan really is. */
  start?(locate: (path: string) => string): ShapeStart;
  /** It is what it says in a root of its own alone. */
  needsRoot?: true;
}

/** Path or name by which the launcher is started. */
export interface ShapeStart {
  argv0: string;
  cwd?: string;
  path?: string;
  aliases?: readonly string[];
}

const DEEP = Array.from({ length: 22 }, (_, index) => `a-rather-long-name-of-a-folder-at-level-number-${String(index).padStart(2, '0')}`).join('/');

export const PLAIN = '/opt/app';
/** Two writable places of one folder: what a run leaves behind would be seen from the other. */
export const FIRST_MOVE = '/opt/first/app';
export const SECOND_MOVE = '/opt/second place/app';
export const STAND_IN = '/opt/stand-in';

/** The places of check 12. `launcher` is the path of the launcher in the bundle. */
export function shapesFor(launcher: string, isScript: boolean): Shape[] {
  const name = launcher.split('/').at(-1)!;
  return [
    { id: 'app', what: 'a plain path', path: PLAIN },
    { id: 'spaces', what: 'spaces', path: '/mnt/two words/my app' },
    { id: 'unicode', what: 'unicode, composed and decomposed', path: '/mnt/caf\u00e9/cafe\u0301/日本' },
    { id: 'quotes', what: '`$`, `%` and quotes', path: `/mnt/$HOME 100%s 'it''s' "so"` },
    { id: 'deep', what: 'more than 1,000 characters', path: `/mnt/${DEEP}` },
    { id: 'short', what: 'a folder in the root', path: '/b', needsRoot: true },
    { id: 'landmark', what: 'an empty Python zip in a folder above', path: '/srv/landmark/app' },
    {
      id: 'link',
      what: 'a link to its folder',
      path: PLAIN,
      start: (locate) => ({ argv0: locate(`/opt/link-to-app/${launcher}`), aliases: [locate('/opt/link-to-app')] }),
    },
    {
      id: 'on-path',
      what: 'a link to the launcher on PATH',
      path: PLAIN,
      start: (locate) => ({ argv0: name, path: `${locate('/opt/bin')}:/usr/bin:/bin`, aliases: [locate('/opt/bin')] }),
    },
    { id: 'relative', what: 'a relative path', path: PLAIN, start: (locate) => ({ argv0: `./${launcher}`, cwd: locate(PLAIN) }) },
    ...(isScript ? [{ id: 'sh', what: '`sh` in front', path: PLAIN, start: () => ({ argv0: 'sh' }) }] : []),
  ];
}

export const COLON: Shape = { id: 'colon', what: 'a colon', path: '/mnt/a:b/app' };

/** Links and empty files that the shapes need. */
export function frameOf(launcher: string, layout: BundleLayout): { links: { path: string; target: string }[]; emptyFiles: string[] } {
  const series = (layout.pythonSeries ?? '3.11').replace('.', '');
  return {
    links: [
      { path: '/opt/link-to-app', target: PLAIN },
      { path: `/opt/bin/${launcher.split('/').at(-1)}`, target: `${PLAIN}/${launcher}` },
    ],
    emptyFiles: [`/srv/landmark/lib/python${series}.zip`],
  };
}

/** Every place at which the bundle stands. */
export function placesFor(shapes: readonly Shape[], overridden: readonly Place[]): Place[] {
  const own = [...shapes, COLON].filter(({ start }) => start === undefined).map(({ id, path }) => ({ id, path }));
  return [...own, { id: 'first', path: FIRST_MOVE, writable: true }, { id: 'second', path: SECOND_MOVE, writable: true }, ...overridden];
}
