import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import { factsOf } from '../testing/build-facts';
import { buildObjects, canLink, readObjects, type ObjectRecipe } from '../testing/build-objects';
import { linkWorld } from './analyse-linkage';
import { openLibrary, startProgram } from './load-files';

interface Case {
  objects: readonly ObjectRecipe[];
  links?: Readonly<Record<string, string>>;
  /** Opened by the program at run time, in this order. */
  open?: readonly string[];
  /** LD_LIBRARY_PATH, folders in the bundle. */
  folders?: readonly string[];
}

const program = (needed: readonly string[], paths: Partial<ObjectRecipe> = {}): ObjectRecipe => ({
  path: 'bin/app',
  program: true,
  needed,
  ...paths,
});
const library = (path: string, needed: readonly string[] = [], paths: Partial<ObjectRecipe> = {}): ObjectRecipe => ({
  path,
  soname: path.slice(path.lastIndexOf('/') + 1),
  needed,
  ...paths,
});

const CASES: Readonly<Record<string, Case>> = {
  'DT_RPATH of the program serves its libraries’ needs': {
    objects: [program(['libone.so'], { rpath: '$ORIGIN/../lib' }), library('lib/libone.so', ['libtwo.so']), library('lib/libtwo.so')],
  },
  'DT_RUNPATH of the program does not': {
    objects: [program(['libone.so'], { runpath: '$ORIGIN/../lib' }), library('lib/libone.so', ['libtwo.so']), library('lib/libtwo.so')],
  },
  'DT_RUNPATH of a library hides the program’s DT_RPATH': {
    objects: [
      program(['libone.so'], { rpath: '$ORIGIN/../lib' }),
      library('lib/libone.so', ['libtwo.so'], { runpath: '$ORIGIN/other' }),
      library('lib/libtwo.so'),
    ],
  },
  'but not that of the libraries below it': {
    objects: [
      program(['libone.so'], { rpath: '$ORIGIN/../lib' }),
      library('lib/libone.so', ['libmid.so'], { runpath: '$ORIGIN/deep' }),
      library('lib/deep/libmid.so', ['libtwo.so']),
      library('lib/libtwo.so'),
    ],
  },
  'DT_RPATH of the library in between serves too': {
    objects: [
      program(['libone.so'], { rpath: '$ORIGIN/../lib' }),
      library('lib/libone.so', ['libmid.so'], { rpath: '${ORIGIN}/deep' }),
      library('lib/deep/libmid.so', ['libtwo.so']),
      library('lib/deep/libtwo.so'),
    ],
  },
  'a SONAME that is loaded satisfies': {
    objects: [
      program(['libone.so', 'libtwo.so'], { rpath: '$ORIGIN/../lib' }),
      library('lib/libone.so', ['libthree.so'], { rpath: '$ORIGIN/deep' }),
      library('lib/libtwo.so', ['libreal.so']),
      { path: 'lib/deep/libthree.so', soname: 'libreal.so' },
    ],
  },
  'NEEDED with $ORIGIN in a path': {
    objects: [program(['$ORIGIN/../lib/libone.so']), library('lib/libone.so', ['libtwo.so'], { rpath: '$ORIGIN' }), library('lib/libtwo.so')],
  },
  'a link to a library: $ORIGIN is the folder of the link': {
    objects: [
      program(['libone.so'], { rpath: '$ORIGIN/../lib' }),
      { path: 'store/libone.so.1', soname: 'libone.so', needed: ['libtwo.so'], runpath: '$ORIGIN' },
      library('lib/libtwo.so'),
    ],
    links: { 'lib/libone.so': '../store/libone.so.1' },
  },
  'a linked folder, and .. behind it': {
    objects: [program(['libone.so'], { rpath: '$ORIGIN/../link/../lib' }), library('store/lib/libone.so')],
    links: { link: 'store/deep', 'store/deep/keep': '../lib' },
  },
  'a library that is missing': { objects: [program(['libone.so'], { rpath: '$ORIGIN/../lib' }), library('lib/libone.so', ['libgone.so'])] },
  'LD_LIBRARY_PATH wins over DT_RUNPATH': {
    objects: [program(['libone.so'], { runpath: '$ORIGIN/../lib' }), library('lib/libone.so'), library('other/libone.so')],
    folders: ['other'],
  },
  'and loses to DT_RPATH': {
    objects: [program(['libone.so'], { rpath: '$ORIGIN/../lib' }), library('lib/libone.so'), library('other/libone.so')],
    folders: ['other'],
  },
  'a token with letters behind it is no token': { objects: [program(['libone.so'], { rpath: '$ORIGINAL/../lib' }), library('lib/libone.so')] },
  'a module opened by the program: its DT_RPATH serves': {
    objects: [
      program([], { rpath: '$ORIGIN/../lib' }),
      library('mod/m.so', ['libone.so']),
      library('lib/libone.so', ['libtwo.so']),
      library('lib/libtwo.so'),
    ],
    open: ['mod/m.so'],
  },
  'a module with DT_RUNPATH of its own: it does not': {
    objects: [program([], { rpath: '$ORIGIN/../lib' }), library('mod/m.so', ['libone.so'], { runpath: '$ORIGIN' }), library('lib/libone.so')],
    open: ['mod/m.so'],
  },
  'a module whose library was loaded with the program': {
    objects: [program(['libone.so'], { runpath: '$ORIGIN/../lib' }), library('mod/m.so', ['libone.so']), library('lib/libone.so')],
    open: ['mod/m.so'],
  },
};

/** What ld.so loads: paths in the bundle, and names that it does not find. */
function byLoader(root: string, { open = [], folders = [] }: Case): string[] {
  const env = {
    LD_LIBRARY_PATH: folders.map((folder) => join(root, folder)).join(':'),
    ...(open.length === 0 ? { LD_TRACE_LOADED_OBJECTS: '1' } : {}),
  };
  const run = spawnSync(
    join(root, 'bin/app'),
    open.map((path) => join(root, path)),
    { encoding: 'utf8', env },
  );
  return run.stdout.split('\n').flatMap((line) => {
    const failed = /^failed (.*)$/.exec(line) ?? /^\t(\S+) => not found$/.exec(line);
    if (failed) return [`missing ${failed[1]!.replace(`${root}/`, '')}`];
    // The kernel’s own walk: Node’s takes `..` away before it follows links.
    const path = /^loaded (\/.*)$/.exec(line)?.[1] ?? /(?:^\t| => )(\/\S+) \(0x/.exec(line)?.[1];
    const inside = path === undefined ? '..' : relative(root, realpathSync.native(path));
    return inside.startsWith('..') ? [] : [inside];
  });
}

function byEmulation(root: string, { open = [], folders = [] }: Case): string[] {
  const world = linkWorld(factsOf(readObjects(root), `linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`));
  const start = startProgram('bin/app', world, folders)!;
  let { scope } = start;
  const missing: string[] = [];
  const lost = (all: typeof start.resolutions): string[] =>
    [...all.values()]
      .flat()
      .filter(({ status }) => status === 'missing')
      .map(({ needed }) => needed);
  missing.push(...lost(start.resolutions));
  for (const path of open) {
    const opened = openLibrary(path, scope.objects[0], scope, world)!;
    if (lost(opened.resolutions).length > 0) missing.push(path);
    else scope = opened.scope;
  }
  return [...scope.objects.slice(1).map(({ path }) => path), ...new Set(missing.map((name) => `missing ${name}`))];
}

describe('the emulation loads what ld.so loads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-ld-so-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const maybe = skipUnless(canLink(), 'no C compiler for this Linux (package gcc)');
  for (const [index, name] of Object.keys(CASES).entries()) {
    maybe(name, async () => {
      const wanted = CASES[name]!;
      const root = join(realpathSync(folder), `case-${index}`, 'bundle');
      mkdirSync(root, { recursive: true });
      buildObjects(root, wanted.objects, wanted.links);
      const loaded = byLoader(root, wanted);
      expect(byEmulation(root, wanted).sort()).toEqual(loaded.sort());
      expect(loaded.length).toBeGreaterThan(0);
    });
  }
});
