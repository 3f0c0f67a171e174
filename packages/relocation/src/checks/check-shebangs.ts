import type { BundleEntry } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { shellCommands } from '../layout/shell-commands';
import { folderOf } from '../linkage/tree-index';
import { FindingList } from './finding-list';

const EXECUTABLE = 0o111;
/** Linux before 5.1 reads 128 bytes with the NUL (BINPRM_BUF_SIZE); the rest of a longer line is cut off in silence. */
const LONGEST_SHEBANG_BYTES = 127;
/** The one interpreter that every system has at the same place. */
const SHELL = '/bin/sh';
/** At the same place wherever it is installed, which small systems (Alpine, containers) leave out. */
const BASH = /^(?:\/usr)?\/bin\/bash$/;
const PYTHON = /^(?:.*\/)?python[\d.]*t?$/;

/** Check 9: scripts start on any machine. */
export const checkShebangs: StaticCheck = (facts): CheckOutcome => {
  const list = new FindingList('shebangs');
  const interpreters: Record<string, number> = {};
  for (const entry of facts.entries) {
    if (entry.kind !== 'file') continue;
    const started = isStarted(entry, facts.layout.launcher);
    if (entry.shebang === undefined) {
      if (started && entry.content === 'text') {
        list.error(entry.path, 'The script has no `#!` line: shells start it, everything else fails with ENOEXEC', {
          expected: '`#!/bin/sh`',
          actual: 'no `#!`',
          fix: 'begin the file with `#!/bin/sh`',
        });
      }
      continue;
    }
    const interpreter = interpreterOf(entry.shebang);
    interpreters[interpreter] = (interpreters[interpreter] ?? 0) + 1;
    checkLine(entry, entry.shebang, started, list);
    checkInterpreter(entry, interpreter, started, list);
  }
  return { findings: list.findings, evidence: { interpreters } };
};

/** What users and other programs start: the launcher, and executables in a `bin` folder or at the top. Elsewhere `#!` is a habit of authors: modules with it are imported. */
function isStarted({ path, mode }: BundleEntry, launcher: string | undefined): boolean {
  if (path === launcher) return true;
  const folder = folderOf(path);
  return (mode & EXECUTABLE) !== 0 && (folder === '' || /(^|\/)(bin|sbin|libexec|Scripts)$/.test(folder));
}

function interpreterOf(shebang: string): string {
  return /^#!\s*(\S*)/.exec(shebang)?.[1] ?? '';
}

function checkLine({ path, mode }: BundleEntry, shebang: string, started: boolean, list: FindingList): void {
  const level = started ? 'error' : (mode & EXECUTABLE) !== 0 ? 'warning' : 'info';
  if (/\r/.test(shebang)) {
    list.add(level, path, 'The `#!` line ends with CR LF: the kernel looks for an interpreter whose name ends with CR', {
      actual: JSON.stringify(shebang),
      fix: 'write the file with LF',
    });
  }
  const bytes = Buffer.byteLength(shebang.replace(/\r?\n$/, ''));
  if (bytes > LONGEST_SHEBANG_BYTES)
    list.add(level, path, 'The `#!` line is longer than kernels read', {
      expected: `at most ${LONGEST_SHEBANG_BYTES} bytes`,
      actual: `${bytes}`,
      fix: 'start through `#!/bin/sh` and a path relative to the script',
    });
}

function checkInterpreter(entry: BundleEntry, interpreter: string, started: boolean, list: FindingList): void {
  const { path, shebang, text } = entry;
  const fix = 'begin with `#!/bin/sh` and start the bundle’s python by a path relative to the script, or leave the script out';
  const embedded = embeddedPython(text) ?? pythonOfShell(interpreter, text);
  if (embedded !== undefined) {
    list.add(started ? 'error' : 'warning', path, 'The script starts a Python by an absolute path', { actual: embedded, fix });
  } else if (interpreter === '/usr/bin/env') {
    const command = /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?(\S+)/.exec(shebang!)?.[1] ?? '';
    if (started && PYTHON.test(command))
      list.warning(path, 'The script runs whatever Python is first on the user’s PATH', { actual: shebang!.trim(), fix });
    else if (started && !/^(?:da)?sh$/.test(command))
      list.warning(path, `The script needs \`${command}\`, which small systems do not have`, {
        expected: '`#!/bin/sh`',
        actual: shebang!.trim(),
        fix: 'write it for `/bin/sh`',
      });
  } else if (BASH.test(interpreter)) {
    if (started)
      list.warning(path, 'The script needs bash, which small systems do not have', {
        expected: '`#!/bin/sh`',
        actual: shebang!.trim(),
        fix: 'write it for `/bin/sh`',
      });
  } else if (interpreter !== SHELL) {
    reportForeign(entry, interpreter, started, fix, list);
  }
}

function reportForeign({ path, mode, shebang }: BundleEntry, interpreter: string, started: boolean, fix: string, list: FindingList): void {
  const detail = { expected: '`#!/bin/sh`, or a path relative to the script', actual: shebang!.trim(), fix };
  if (!interpreter.startsWith('/')) {
    // Cython’s sources begin with `#!python`; nothing starts a file that nobody may execute.
    if (started || (mode & EXECUTABLE) !== 0)
      list.add(started ? 'error' : 'info', path, 'The `#!` line names no absolute path, so it depends on the working folder', detail);
  } else if (started) list.error(path, 'The script’s interpreter is a place on the building machine', detail);
  // Modules of the standard library and of packages carry `#!/usr/bin/python3` or `#! /usr/local/bin/python`, some with the executable bit.
  else if ((mode & EXECUTABLE) !== 0 && !/^\/(usr\/(local\/)?)?bin\//.test(interpreter))
    list.error(path, 'The script’s interpreter is a place on the building machine', detail);
}

/** Longer texts than launchers are. */
const MOST_CHARACTERS = 65_536;
/** What stands in front of a command that they start. */
const STARTERS: ReadonlySet<string> = new Set(['exec', 'env', 'command', 'nohup', 'setsid', '/usr/bin/env', '/bin/env']);

/** A Python that a shell script starts by an absolute path: of this machine, or of whichever the bundle lies on. */
function pythonOfShell(interpreter: string, text: string | undefined): string | undefined {
  if (text === undefined || !/\/(?:da|ba)?sh$/.test(interpreter)) return undefined;
  for (const words of shellCommands(text.slice(0, MOST_CHARACTERS))) {
    const command = words.find((word) => !STARTERS.has(word) && !word.startsWith('-') && !/^\w+=/.test(word));
    if (command?.startsWith('/') && PYTHON.test(command)) return command;
  }
  return undefined;
}

/** pip's way round long names: `'''exec' "/abs/python" "$0" "$@"` in the second line. */
function embeddedPython(text: string | undefined): string | undefined {
  return /^'''exec' ["']?(\/[^"'$\n]*?)["']? ["']?\$0/m.exec(text ?? '')?.[1];
}
