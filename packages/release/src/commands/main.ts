#!/usr/bin/env node
import { createProcesses, WaybillError, type Processes } from '@waybill/core';
import { doctor } from './doctor-command';
import { commandErrors } from './command-errors';
import { makeKey } from './make-key';

/** The command's world. */
export interface CommandPorts {
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  print(text: string): void;
  /** Lines for people. */
  tell(text: string): void;
}

/** Exit code of what kept a command from doing its work. */
const NOT_DONE = 2;

const USAGE = `npx @waybill/release <command>

  doctor [--json]                        looks at tools, versions, credentials (by name) and settings; changes nothing
                                         exit code 0: all is well, 1: faults, 2: it could not look
  make-key --type=minisign --out=FILE    makes a key to sign releases with; never overwrites one
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[], ports: CommandPorts) => Promise<number>>> = { doctor, 'make-key': makeKey };

/** `npx @waybill/release <command>`. */
export async function main(args: readonly string[], ports: CommandPorts): Promise<number> {
  const [command = '', ...rest] = args;
  try {
    if (args.includes('--help') || args.includes('-h')) {
      ports.print(USAGE);
      return 0;
    }
    const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
    if (!run) throw commandErrors.error('OPTION_RELEASE_COMMAND', { argument: command, expected: '`doctor` or `make-key`' });
    return await run(rest, ports);
  } catch (error) {
    if (!(error instanceof WaybillError)) {
      ports.tell(`${error instanceof Error ? error.stack : String(error)}\nfix: this is a fault of Waybill: report it with the lines above\n`);
      return NOT_DONE;
    }
    ports.tell(`${[`${error.code} ${error.message}`, ...error.details.map((line) => `  ${line}`), `fix: ${error.fix}`].join('\n')}\n`);
    return NOT_DONE;
  }
}

if (require.main === module) {
  const ports: CommandPorts = {
    processes: createProcesses(),
    environment: process.env,
    workingFolder: process.cwd(),
    print: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
  };
  void main(process.argv.slice(2), ports).then((code) => {
    process.exitCode = code;
  });
}
