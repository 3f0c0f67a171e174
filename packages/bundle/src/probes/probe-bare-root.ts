import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@waybill/core';
import { findProgram } from '../isolation';
import { judgeRun } from './judge-answer';
import { skipped, type Probe, type ProbeContext } from './probe';

/** Check 14: nothing but a C library, no network; then the same with each C library of `glibcMatrix`. */
export const probeBareRoot: Probe = {
  check: 'bare-root',
  async run(context) {
    const bare = await context.bare();
    if (typeof bare === 'string') return skipped(bare);
    const findings = judgeRun('bare-root', await context.start({ sandbox: bare }), context, 'nothing but a C library');
    const matrix: { source: string; outcome: string }[] = [];
    for (const source of context.request.glibcMatrix) {
      const outcome = await tryLibc(source, context);
      matrix.push({
        source: source.split('/').at(-1)!,
        outcome: typeof outcome === 'string' ? `skipped: ${outcome}` : outcome.length === 0 ? 'passed' : 'failed',
      });
      if (typeof outcome !== 'string') findings.push(...outcome);
    }
    return {
      findings,
      evidence: {
        profile: `only the C library${context.launcherIsScript ? ' and /bin/sh, which starts the launcher' : ''}, no network`,
        tier: bare.tier,
        uid: bare.uid,
        glibcMatrix: matrix.length > 0 ? matrix : 'not asked for',
      },
    };
  },
};

async function tryLibc(source: string, context: ProbeContext): Promise<Finding[] | string> {
  const root = source.endsWith('.deb') ? await unpackDeb(source, context) : { folder: source };
  if (typeof root === 'string') return root;
  const sandbox = await context.sandboxes.openBare({ root: root.folder, withShell: context.launcherIsScript });
  if (typeof sandbox === 'string') return sandbox;
  return judgeRun('bare-root', await context.start({ sandbox }), context, `the C library of \`${source.split('/').at(-1)}\``);
}

async function unpackDeb(file: string, { request, ports }: ProbeContext): Promise<{ folder: string } | string> {
  const program = await findProgram('dpkg-deb', ports.environment);
  if (program === undefined) return '`dpkg-deb` is not installed';
  const folder = join(request.workFolder, `libc-${file.split('/').at(-1)}`);
  await mkdir(folder, { recursive: true });
  const { exitCode, stderr } = await ports.processes.run({ file: program, args: ['-x', file, folder], env: {}, timeoutMs: 60_000 });
  return exitCode === 0 ? { folder } : `\`dpkg-deb\` cannot unpack it: ${stderr.trim().slice(-200)}`;
}
