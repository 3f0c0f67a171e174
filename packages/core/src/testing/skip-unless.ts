type Test = (name: string, work: () => Promise<void>, timeoutMs?: number) => void;

/**
 * `it` where the condition holds; elsewhere a test that is skipped, counted by the runner as such, and says why in one line:
 * `skipUnless(existsSync('/usr/bin/strace'), 'strace is not installed')('sees no foreign file', async () => …)`.
 */
export function skipUnless(condition: boolean, reason: string): Test {
  if (condition) return (name, work, timeoutMs) => it(name, work, timeoutMs);
  return (name, work) => {
    process.stdout.write(`SKIP ${name}: ${reason}\n`);
    it.skip(name, work);
  };
}
