type Test = (name: string, work: () => Promise<void>, timeoutMs?: number) => void;

/** `it` where the condition holds; elsewhere a test that the runner counts as skipped, and that says why in one line. */
export function skipUnless(condition: boolean, reason: string): Test {
  if (condition) return (name, work, timeoutMs) => it(name, work, timeoutMs);
  return (name, work) => {
    process.stdout.write(`SKIP ${name}: ${reason}\n`);
    it.skip(name, work);
  };
}
