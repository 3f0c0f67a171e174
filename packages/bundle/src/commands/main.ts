#!/usr/bin/env node
import { tmpdir } from 'node:os';
import { createProcesses, WaybillError } from '@waybill/core';
import { bundleErrors } from '../errors/bundle-errors';
import { prove, type CommandPorts } from './prove';
import { proveUsage } from './prove-arguments';

/** `npx @waybill/bundle <command>`: exit code 2 is an error that kept the command from doing its work. */
export async function main(args: readonly string[], ports: CommandPorts): Promise<number> {
  const [command = '', ...rest] = args;
  try {
    if (args.includes('--help') || args.includes('-h')) {
      ports.print(proveUsage());
      return 0;
    }
    if (command !== 'prove') throw bundleErrors.error('OPTION_COMMAND', { command });
    return await prove(rest, ports);
  } catch (error) {
    if (!(error instanceof WaybillError)) {
      ports.tell(`${error instanceof Error ? error.stack : String(error)}\nfix: this is a fault of Waybill: report it with the lines above\n`);
      return 2;
    }
    ports.tell(`${[`${error.code} ${error.message}`, ...error.details.map((line) => `  ${line}`), `fix: ${error.fix}`].join('\n')}\n`);
    return 2;
  }
}

if (require.main === module) {
  const ports: CommandPorts = {
    processes: createProcesses(),
    environment: process.env,
    workingFolder: process.cwd(),
    temporaryFolder: tmpdir(),
    print: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
  };
  // Ends by `exit`, so that temporary folders go.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  void main(process.argv.slice(2), ports).then((code) => {
    process.exitCode = code;
  });
}
