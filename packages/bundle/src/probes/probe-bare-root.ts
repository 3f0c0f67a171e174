import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@waybill/core';
import { findProgram, type Sandbox } from '../isolation';
import { judgeBareRun } from './judge-answer';
import { fault, skipped, type AppRun, type Probe, type ProbeContext } from './probe';

/** Check 14: nothing but a C library, no network; then the same with each C library of `glibcMatrix`. */
export const probeBareRoot: Probe = {
  check: 'bare-root',
  async run(context) {
    const bare = await context.bare();
    const { glibcMatrix } = context.request;
    if (typeof bare === 'string') return { ...skipped(bare), findings: glibcMatrix.map((source) => notTried(source, bare)) };
    const findings = await judgeBare(context, bare);
    const matrix: { source: string; outcome: string }[] = [];
    for (const source of glibcMatrix) {
      const found = await tryLibc(source, context);
      matrix.push({ source: nameOf(source), outcome: found.length === 0 ? 'passed' : 'failed' });
      findings.push(...found);
    }
    return {
      findings,
      evidence: {
        profile: `only the C library${context.launcherIsScript ? ' and /bin/sh, which starts the launcher' : ''}, no network`,
        ...(context.manifest?.fromHost && { fromHost: 'with those libraries that the manifest takes from the host and this machine has' }),
        tier: bare.tier,
        uid: bare.uid,
        glibcMatrix: matrix.length > 0 ? matrix : 'not asked for',
      },
    };
  },
};

/** The start that check 15 shares is harder; when it is red, the bare root alone is judged. */
async function judgeBare(context: ProbeContext, bare: Sandbox): Promise<Finding[]> {
  const judge = (run: AppRun): Finding[] => judgeBareRun('bare-root', run, context, 'nothing but a C library');
  const shared = await context.bareRun();
  return shared !== undefined && judge(shared).length === 0 ? [] : judge(await context.start({ sandbox: bare }));
}

const nameOf = (source: string): string => source.split('/').at(-1)!;

/** What was asked for and not done is an error, never a remark. */
const notTried = (source: string, reason: string): Finding =>
  fault('bare-root', `the bundle was not run on the C library of \`${nameOf(source)}\``, {
    expected: 'a run on every C library of `glibcMatrix`',
    actual: reason,
    fix: 'name a folder or `.deb` file of libc6 for the platform of the bundle in `glibcMatrix`, or take the entry out',
  });

async function tryLibc(source: string, context: ProbeContext): Promise<Finding[]> {
  const root = source.endsWith('.deb') ? await unpackDeb(source, context) : { folder: source };
  if (typeof root === 'string') return [notTried(source, root)];
  const sandbox = await context.sandboxes.openBare({ root: root.folder, withShell: context.launcherIsScript });
  if (typeof sandbox === 'string') return [notTried(source, sandbox)];
  return judgeBareRun('bare-root', await context.start({ sandbox }), context, `the C library of \`${nameOf(source)}\``);
}

async function unpackDeb(file: string, { request, ports }: ProbeContext): Promise<{ folder: string } | string> {
  const program = await findProgram('dpkg-deb', ports.environment);
  if (program === undefined) return '`dpkg-deb` is not installed';
  const folder = join(request.workFolder, `libc-${nameOf(file)}`);
  await mkdir(folder, { recursive: true });
  const { exitCode, stderr } = await ports.processes.run({ file: program, args: ['-x', file, folder], env: {}, timeoutMs: 60_000 });
  return exitCode === 0 ? { folder } : `\`dpkg-deb\` cannot unpack it: ${stderr.trim().slice(-200)}`;
}
