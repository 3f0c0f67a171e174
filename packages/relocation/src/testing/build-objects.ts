import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesAsSource, readElf } from '@waybill/binary';
import type { BundleEntry } from '../bundle-facts';
import { file, symlink } from './build-facts';

/** A shared object, or a program when it has no soname; linked for real. */
export interface ObjectRecipe {
  path: string;
  soname?: string;
  needed?: readonly string[];
  rpath?: string;
  runpath?: string;
  program?: boolean;
}

/** Opens each argument, then prints what is loaded: `opened X`, `failed X`, `loaded PATH`. */
const PROGRAM = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
static int show(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size; (void)data;
  if (info->dlpi_name[0]) printf("loaded %s\\n", info->dlpi_name);
  return 0;
}
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("%s %s\\n", dlopen(argv[i], RTLD_NOW) ? "opened" : "failed", argv[i]);
  dl_iterate_phdr(show, 0);
  return 0;
}
`;

/** Can real objects be linked and run here. */
export function canLink(): boolean {
  return process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
}

/** Links the objects below `root`. A NEEDED is whatever text the recipe gives, through a stub with that SONAME. */
export function buildObjects(root: string, recipes: readonly ObjectRecipe[], links: Readonly<Record<string, string>> = {}): void {
  const stubs = join(root, '..', 'stubs');
  mkdirSync(stubs, { recursive: true });
  writeFileSync(join(stubs, 'program.c'), PROGRAM);
  writeFileSync(join(stubs, 'empty.c'), 'static int nothing __attribute__((unused));\n');
  const names = [...new Set(recipes.flatMap(({ needed = [] }) => needed))];
  const stubOf = (name: string): string => join(stubs, `stub${names.indexOf(name)}.so`);
  for (const name of names) compile(['-shared', '-nostdlib', `-Wl,-soname,${name}`, '-o', stubOf(name), join(stubs, 'empty.c')]);
  for (const recipe of recipes) {
    mkdirSync(dirname(join(root, recipe.path)), { recursive: true });
    const path = recipe.rpath ?? recipe.runpath;
    compile([
      ...(recipe.program ? [] : ['-shared', '-nostdlib']),
      ...(recipe.soname === undefined ? [] : [`-Wl,-soname,${recipe.soname}`]),
      ...(path === undefined ? [] : [recipe.rpath === undefined ? '-Wl,--enable-new-dtags' : '-Wl,--disable-new-dtags', `-Wl,-rpath,${path}`]),
      '-Wl,--no-as-needed',
      '-Wl,--allow-shlib-undefined',
      '-o',
      join(root, recipe.path),
      join(stubs, recipe.program ? 'program.c' : 'empty.c'),
      ...(recipe.needed ?? []).map(stubOf),
    ]);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
}

function compile(args: readonly string[]): void {
  const run = spawnSync('cc', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`cc ${args.join(' ')}: ${run.stderr}`);
}

/** Entries of a real folder, with the ELF facts that linkage looks at. */
export function readObjects(root: string, below = ''): BundleEntry[] {
  return readdirSync(join(root, below)).flatMap((name): BundleEntry[] => {
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(join(root, path));
    if (stat.isDirectory()) return readObjects(root, path);
    if (stat.isSymbolicLink()) return [symlink(path, readlinkSync(join(root, path)))];
    const reading = readElf(bytesAsSource(readFileSync(join(root, path))));
    return [file(path, reading.ok ? { content: 'elf', elf: reading.facts } : { elfRefusal: reading.refusal })];
  });
}
