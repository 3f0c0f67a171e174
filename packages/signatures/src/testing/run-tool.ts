import { spawnSync } from 'node:child_process';

/** Runs a real tool; throws with what it said when it does not succeed. */
export function runTool(
  file: string,
  args: readonly string[],
  options: { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string } = {},
): string {
  const { status, output, stdout, error } = spawnSync(file, [...args], {
    input: options.input ?? '',
    timeout: 60_000,
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${String(error ?? status)}\n${output?.map(String).join('\n') ?? ''}`);
  return stdout.toString();
}

export const toolWorks = (file: string, args: readonly string[]): boolean => spawnSync(file, [...args], { stdio: 'ignore' }).status === 0;
