import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { ProcessRequest } from './process-port';

const HEAD_BYTES = 4_096;

export interface StartFailure {
  reason: string;
  fix: string;
}

/** Why the system refused to start a program. ENOENT alone does not say whether the program, its interpreter or the folder is missing. */
export function explainStartFailure(request: Pick<ProcessRequest, 'file' | 'cwd' | 'env'>, systemCode: string, systemMessage: string): StartFailure {
  const { cwd } = request;
  if (cwd !== undefined && !isFolder(cwd))
    return { reason: `the folder to run it in, \`${cwd}\`, is not there`, fix: `make the folder \`${cwd}\`, or correct what names it` };
  const path = locate(request);
  if (path === undefined)
    return {
      reason: `there is no such program${isName(request.file) ? ' on PATH' : ''}`,
      fix: `install \`${request.file}\`, or correct what names it`,
    };
  if (isFolder(path)) return { reason: `\`${path}\` is a folder`, fix: 'name a program' };
  const interpreter = interpreterOf(path);
  if (interpreter !== undefined && !existsSync(interpreter.path)) {
    return {
      reason: `its ${interpreter.kind} \`${interpreter.path}\` is not there`,
      fix: `install what brings \`${interpreter.path}\`, or use a build of \`${request.file}\` for this system`,
    };
  }
  if (!isAllowed(path, constants.X_OK)) return { reason: `\`${path}\` is not executable`, fix: `\`chmod +x ${path}\`` };
  return ofCode(systemCode, systemMessage, path);
}

function ofCode(systemCode: string, systemMessage: string, path: string): StartFailure {
  switch (systemCode) {
    case 'EACCES':
      return {
        reason: `the system does not let \`${path}\` run (a \`noexec\` mount, or a folder without permission)`,
        fix: `move \`${path}\` to a place from which programs may run`,
      };
    case 'ENOEXEC':
    case 'UNKNOWN':
      return {
        reason: `\`${path}\` is no program for this system`,
        fix: `use a build of \`${path}\` for this system and architecture; a script needs a first line such as \`#!/bin/sh\``,
      };
    case 'E2BIG':
      return {
        reason: 'its arguments and environment are longer than the system allows',
        fix: 'give fewer files at once, or pass fewer variables in `passEnv`',
      };
    case 'ETXTBSY':
      return { reason: `\`${path}\` is being written by another process`, fix: 'wait until that has ended, then run again' };
    default:
      return { reason: systemMessage || systemCode || 'the system gave no reason', fix: `start \`${path}\` by hand to see what is wrong with it` };
  }
}

const isName = (file: string): boolean => !/[\\/]/.test(file);

function locate({ file, cwd, env }: Pick<ProcessRequest, 'file' | 'cwd' | 'env'>): string | undefined {
  if (!isName(file)) return existing(isAbsolute(file) ? file : resolve(cwd ?? '.', file));
  const places = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return places.map((folder) => existing(join(folder, file))).find((path) => path !== undefined);
}

const existing = (path: string): string | undefined => (existsSync(path) ? path : undefined);
const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function isAllowed(path: string, access: number): boolean {
  try {
    accessSync(path, access);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== undefined) return false;
    throw cause;
  }
}

/** The interpreter that a script's first line names, or the loader that an ELF program names (its path lies in the first page in practice). */
function interpreterOf(path: string): { kind: string; path: string } | undefined {
  const head = headOf(path);
  const script = /^#![ \t]*([^\s\0]+)/.exec(head);
  if (script) return { kind: 'interpreter', path: script[1]! };
  const loader = head.startsWith('\x7fELF') ? /\/[\x21-\x7e]*ld[\x21-\x7e]*\.so[\x21-\x7e]*/.exec(head) : null;
  return loader ? { kind: 'loader', path: loader[0] } : undefined;
}

/** Empty for a program that may be run but not read: then there is one clue less. */
function headOf(path: string): string {
  if (!isAllowed(path, constants.R_OK)) return '';
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}
