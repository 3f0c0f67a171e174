import { runTool, WaybillError, type ResolvedTool } from '@waybill/core';
import { signingErrors } from '../../errors/signing-errors';
import type { ToolPorts } from '../../inside/run-signer';

/** `security` of macOS, with the programs to which keys are given. */
export interface KeychainPorts extends ToolPorts {
  /** `security`; `tool` is codesign. */
  security: ResolvedTool;
  productsign: ResolvedTool;
}

/** What it was asked for failed; `said` is its own words. */
export class SecurityRefusal extends Error {
  constructor(readonly said: string) {
    super(said);
  }
}

/** In its interactive mode it goes on behind a command that failed, and says so by such a line alone. */
const FAULT = /^security: .*$/m;
/** Lines of that mode have an end: longer ones would be cut (4,096 bytes). */
const LONGEST_LINE = 4_000;

/** What it printed. Throws `SecurityRefusal`. */
export async function security({ processes, security: tool, environment, timeoutMs }: KeychainPorts, args: readonly string[]): Promise<string> {
  try {
    return (await runTool(processes, tool, args, { env: environment, timeoutMs })).stdout;
  } catch (error) {
    if (!(error instanceof WaybillError) || error.code !== 'PROCESS_FAILED') throw error;
    throw new SecurityRefusal(error.details.slice(1).join('\n'));
  }
}

/**
 * The same for a command with a password in it: it goes to the standard input of `security -i`, so that it stands on no command line. Throws `SecurityRefusal`, and
 * `SIGN_KEY_TOOL` for a password that no line can hold.
 */
export async function securitySecretly(
  { processes, security: tool, environment, timeoutMs }: KeychainPorts,
  args: readonly string[],
  variable: string,
): Promise<void> {
  const line = args.map(quoted).join(' ');
  if (/[\0-\x1f\x7f]/.test(line) || Buffer.byteLength(line) > LONGEST_LINE) {
    const reason =
      'its password holds a line end or another control character, or is very long, which `security` cannot be told without a command line';
    throw signingErrors.error('SIGN_KEY_TOOL', { variable, tool: 'codesign', reason, fix: 'give the certificate another password' });
  }
  const result = await processes.run({ file: tool.path, args: [...tool.prefixArgs, '-i'], env: environment, timeoutMs, input: `${line}\n` });
  const said = [result.stdout, result.stderr].join('\n').replaceAll('security> ', '').trim();
  if (result.exitCode !== 0 || result.timedOut || FAULT.test(said)) throw new SecurityRefusal(FAULT.exec(said)?.[0] ?? said);
}

/** As its lines are read: between double quotes a backslash takes the meaning of the next letter. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);
