import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PATCHELF, STRIP, UV, cleanEnvironment, createProcesses, createTools, type Processes, type ResolvedTool, type Tools } from '@waybill/core';

/** Real processes, tools and environment for tests that run foreign programs. */
export interface RealWorld {
  processes: Processes;
  tools: Tools;
  environment: Record<string, string>;
}

export function realWorld(): RealWorld {
  const processes = createProcesses();
  return { processes, tools: createTools({ processes, environment: process.env }), environment: cleanEnvironment(process.env, []) };
}

/** Versions of the tools of packaging, as the fingerprint among a target's inputs would tell them. */
export async function toolVersions({ tools }: RealWorld): Promise<Record<string, string>> {
  const found = await Promise.all([PATCHELF, STRIP, UV].map((descriptor) => tools.resolve(descriptor)));
  return Object.fromEntries(found.map(({ id, version }) => [id, version]));
}

/** uv as the product finds it. */
export function findUv(world: RealWorld): Promise<ResolvedTool> {
  return world.tools.resolve(UV);
}

/** The Python on PATH, its home, and whether it has a shared libpython. */
export function hostPython(): { executable: string; version: string; series: string; libpython?: { folder: string; soname: string } } {
  const code = [
    'import json, os, sys, sysconfig as s',
    'v = s.get_config_var',
    'shared = bool(v("Py_ENABLE_SHARED"))',
    'print(json.dumps([os.path.realpath(sys.executable), "%d.%d.%d" % sys.version_info[:3], v("LIBDIR") if shared else None, v("INSTSONAME")]))',
  ].join('\n');
  const [executable, version, folder, soname] = JSON.parse(execFileSync('python3', ['-I', '-c', code], { encoding: 'utf8' })) as [
    string,
    string,
    string | null,
    string,
  ];
  const series = version.split('.').slice(0, 2).join('.');
  return { executable, version, series, ...(folder === null ? {} : { libpython: { folder, soname } }) };
}

/** Compiles a C program; `extra` come behind the source on the compiler's command line. */
export function compileC(output: string, source: string, extra: readonly string[] = []): string {
  mkdirSync(dirname(output), { recursive: true });
  const file = `${output}.c`;
  writeFileSync(file, source);
  execFileSync('cc', ['-o', output, file, ...extra], { stdio: ['ignore', 'ignore', 'pipe'] });
  return output;
}

/**
 * A program that embeds Python and has no line of Waybill in it: started with `-c CODE` it runs code, otherwise it prints as JSON what
 * Python it found. Declares what it calls, so that no headers are needed (all is in the stable ABI since 3.2).
 */
export const EMBEDDING_PROGRAM = `
#include <string.h>
extern void Py_InitializeEx(int);
extern int Py_FinalizeEx(void);
extern int PyRun_SimpleStringFlags(const char *, void *);
int main(int argc, char **argv) {
  const char *code = argc > 2 && strcmp(argv[1], "-c") == 0 ? argv[2]
    : "import json, sys, platform\\n"
      "print(json.dumps({'version': platform.python_version(), 'prefix': sys.prefix, 'executable': sys.executable, 'path': sys.path}))\\n";
  Py_InitializeEx(0);
  int failed = PyRun_SimpleStringFlags(code, 0);
  return Py_FinalizeEx() < 0 || failed ? 1 : 0;
}
`;

/** Where that program goes. */
export const embeddingProgram = (folder: string, { folder: libraries, soname }: { folder: string; soname: string }): string =>
  compileC(join(folder, 'chat'), EMBEDDING_PROGRAM, [`-Wl,--build-id=sha1`, '-g', join(libraries, soname), `-Wl,-rpath,${libraries}`]);
