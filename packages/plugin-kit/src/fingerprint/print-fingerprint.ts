import { openAnswers } from './open-answers';
import { fingerprintLines, interpreterLines } from './fingerprint';

/** The command behind the named input `waybillTools`; with paths of interpreters their identities alone. Nx takes a failing command for an empty answer, so it always prints and exits 0. */
async function printFingerprint(paths: readonly string[]): Promise<void> {
  const memory = openAnswers(process.env);
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  report.excludeNetwork = true;
  const asked = async (): Promise<readonly string[]> => (paths.length > 0 ? interpreterLines(paths) : fingerprintLines(process, memory));
  const lines = await asked().catch((cause: unknown) => [`waybill fingerprint failed ${String(cause)}`]);
  process.stdout.write(`${lines.join('\n')}\n`);
  memory.save();
}

void printFingerprint(process.argv.slice(2));
