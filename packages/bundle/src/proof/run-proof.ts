import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { bothToTheEnd, readTree, type Finding, type TreeItem } from '@waybill/core';
import {
  applyPermits,
  CHECKS,
  renderLinkageReport,
  runStaticChecks,
  type BundleLayout,
  type CheckId,
  type CheckOutcome,
  type CheckResult,
  type RelocationPolicy,
} from '@waybill/relocation';
import { bundleErrors } from '../errors/bundle-errors';
import { findHostPythons, hiddenPlaces, NoTier } from '../isolation';
import { PROBES, type ProbeContext } from '../probes';
import { readBundleFacts } from '../tree';
import { guessOrigins } from './guess-origins';
import { judgeIsolation } from './judge-isolation';
import { leakTokensOf } from './leak-tokens';
import { openContext, type Groundwork } from './open-context';
import type { IsolationReport, Proof, ProofPorts, ProofRequest, TimedCheckResult } from '../ground/proof-request';
import { layoutOf, readManifest } from './read-manifest';

/** Checks that run unless others are named. */
const DEFAULT_CHECKS: readonly CheckId[] = CHECKS.filter((row) => !('onDemand' in row)).map(({ id }) => id);

/**
 * Proves that a bundle runs anywhere: static checks over facts read once, and probes that run it in isolation, at the same time. Everything
 * wrong with the bundle is a finding; errors are thrown only when the proof itself cannot be made.
 */
export async function runProof(request: ProofRequest, ports: ProofPorts): Promise<Proof> {
  const started = performance.now();
  const wanted = new Set<CheckId>(request.checks ?? [...DEFAULT_CHECKS, ...(request.secondArchive === undefined ? [] : (['reproducible'] as const))]);
  const ground = await layGround(request, ports);
  const report: Report = (result, since, firm = []) => {
    const timed = judge(result, firm, request, seconds(since));
    ports.onCheck?.(timed);
    return timed;
  };
  // Reading the tree keeps this thread busy: what opens the sandboxes waits for calls of the system and goes first.
  const opening = openingOf(ground, wanted);
  const [still, dynamic] = await bothToTheEnd(
    opening.then(() => runStatic(ground, wanted, report)),
    runDynamic(ground, wanted, report, opening),
  );
  const checks = [...still, ...dynamic.checks].sort((one, other) => numberOf(one.check) - numberOf(other.check));
  const findings = checks.flatMap((check) => check.findings);
  const verdict = findings.some(({ level }) => level === 'error') ? 'failed' : 'passed';
  return {
    verdict,
    findings,
    checks,
    isolation: dynamic.isolation,
    fromHost: ground.manifest?.fromHost ?? [],
    linkage: async () => renderLinkageReport(await ground.facts()),
    seconds: seconds(started),
  };
}

interface Ground extends Groundwork {
  manifestFindings: readonly Finding[];
}

async function layGround(request: ProofRequest, ports: ProofPorts): Promise<Ground> {
  const { bundleRoot, platform } = request;
  const items = await readTree(bundleRoot);
  const [{ manifest, findings }, pythons, origins] = await Promise.all([
    readManifest(bundleRoot, items),
    findHostPythons(ports.environment),
    guessOrigins(bundleRoot, items),
  ]);
  const hidden = await hiddenPlaces({
    asked: [...request.hide, ...origins],
    ...(request.workspaceRoot !== undefined && { workspaceRoot: request.workspaceRoot }),
    ...(request.home !== undefined && { home: request.home }),
    pythons,
  });
  const leakTokens = await leakTokensOf(hidden, ports.environment, request.leakTokens ?? []);
  const environment = { PATH: ports.environment['PATH'] ?? '/usr/bin:/bin' };
  const facts = once(() => readBundleFacts(bundleRoot, { platform, leakTokens, items, processes: ports.processes, environment }));
  const layout = manifest ? layoutOf(manifest, items) : (await facts()).layout;
  const launcher = await interpreterOr(launcherOf(request, layout, items), layout, bundleRoot);
  const { glibc } = request.expect;
  const policy: RelocationPolicy = {
    platform,
    leakTokens,
    ...(glibc !== undefined && { glibc }),
    ...(manifest?.fromHost && { fromHost: manifest.fromHost }),
  };
  return {
    request,
    ports,
    items,
    layout: { ...layout, launcher },
    launcher,
    ...(manifest && { manifest }),
    hidden,
    policy,
    facts,
    manifestFindings: findings,
  };
}

/** `bin/python3` is a link to the interpreter: what is started is that, and answers as it does. */
async function interpreterOr(launcher: string, { python }: BundleLayout, bundleRoot: string): Promise<string> {
  if (python === undefined || python === launcher) return launcher;
  const [started, own] = await Promise.all([launcher, python].map((path) => realpath(join(bundleRoot, path)).catch(() => undefined)));
  return started !== undefined && started === own ? python : launcher;
}

function launcherOf(request: ProofRequest, layout: BundleLayout, items: readonly TreeItem[]): string {
  const executable = (path: string): boolean => items.some((item) => item.path === path && item.kind !== 'directory');
  if (request.launcher !== undefined) {
    const launcher = request.launcher.replace(/^\.\//, '');
    if (executable(launcher)) return launcher;
    const candidates = items
      .filter(({ path, kind, mode }) => kind === 'file' && (mode & 0o111) !== 0 && path.split('/').length <= 2)
      .map(({ path }) => path);
    throw bundleErrors.error('BUNDLE_SMOKE_LAUNCHER', { launcher: request.launcher, candidates: candidates.slice(0, 5) });
  }
  const found = layout.launcher ?? layout.program ?? layout.python;
  if (found === undefined || !executable(found)) throw bundleErrors.error('BUNDLE_SMOKE_EMPTY', { path: request.bundleRoot });
  return found;
}

/** `firm` findings are about the proof, not the bundle: no permit applies to them. */
type Report = (result: CheckResult, since: number, firm?: readonly Finding[]) => TimedCheckResult;

async function runStatic(ground: Ground, wanted: ReadonlySet<CheckId>, report: Report): Promise<TimedCheckResult[]> {
  if (!CHECKS.some(({ id, kind }) => kind === 'static' && wanted.has(id))) return [];
  const started = performance.now();
  const facts = await ground.facts();
  const results = runStaticChecks(facts, { ...ground.policy, allow: [] }).filter(({ check }) => wanted.has(check));
  return results.map((result) => {
    const more = result.check === 'tree-entries' ? ground.manifestFindings : [];
    return report(more.length === 0 ? result : { ...result, findings: [...result.findings, ...more] }, started);
  });
}

/** What probes share, once it is there; nothing where none will run. */
type Opening = Promise<ProbeContext | NoTier | undefined>;

const probesOf = (wanted: ReadonlySet<CheckId>): typeof PROBES => PROBES.filter(({ check }) => wanted.has(check));

async function openingOf(ground: Ground, wanted: ReadonlySet<CheckId>): Opening {
  const { request, ports } = ground;
  return probesOf(wanted).length === 0 || request.platform !== ports.hostPlatform ? undefined : openOrRefuse(ground);
}

async function runDynamic(
  ground: Ground,
  wanted: ReadonlySet<CheckId>,
  report: Report,
  opening: Opening,
): Promise<{ checks: TimedCheckResult[]; isolation: IsolationReport }> {
  const { request, ports, hidden } = ground;
  const probes = probesOf(wanted);
  const none: IsolationReport = { minimum: request.minIsolation, refused: [], hidden, canaries: 0 };
  const skipAll = (reason: string, findings: readonly Finding[]): TimedCheckResult[] =>
    probes.map(({ check }, index) =>
      report({ check, status: 'skipped', reason, findings: [], evidence: {} }, performance.now(), index === 0 ? findings : []),
    );
  if (probes.length === 0) return { checks: [], isolation: none };
  if (request.platform !== ports.hostPlatform) {
    const reason = `the bundle is made for ${request.platform}, this machine is ${ports.hostPlatform}`;
    return {
      checks: skipAll(reason, [
        {
          check: probes[0]!.check,
          level: 'error',
          message: reason,
          expected: request.platform,
          actual: ports.hostPlatform,
          fix: `run the target on ${request.platform}, or name only static checks with \`checks\`, and say why in \`proof.staticOnly\` of sign, checksum and publish`,
        },
      ]),
      isolation: none,
    };
  }
  const opened = await opening;
  if (opened === undefined) return { checks: [], isolation: none };
  if (opened instanceof NoTier)
    return {
      checks: skipAll('no isolation works here', judgeIsolation(undefined, request.minIsolation, undefined, opened.refused)),
      isolation: { ...none, refused: opened.refused },
    };
  const { host, hiding, refused } = opened.sandboxes;
  const isolation: IsolationReport = { tier: host.tier, minimum: request.minIsolation, refused, hidden, canaries: hiding.canaries, uid: host.uid };
  const unmet = judgeIsolation(host.tier, request.minIsolation, hiding, refused);
  try {
    const checks = await Promise.all(probes.map(async (probe, index) => runProbe(probe, opened, index === 0 ? unmet : [], report)));
    return { checks, isolation };
  } finally {
    await opened.sandboxes.close();
  }
}

async function openOrRefuse(ground: Ground): Promise<ProbeContext | NoTier> {
  try {
    const context = await openContext(ground);
    await context.bare();
    return context;
  } catch (error) {
    if (error instanceof NoTier) return error;
    throw error;
  }
}

async function runProbe(probe: (typeof PROBES)[number], context: ProbeContext, firm: readonly Finding[], report: Report): Promise<TimedCheckResult> {
  const started = performance.now();
  const outcome: CheckOutcome = await probe.run(context);
  const { findings, evidence } = outcome;
  const status = outcome.skipped === undefined ? 'passed' : 'skipped';
  const reason = outcome.skipped === undefined ? {} : { reason: outcome.skipped };
  return report({ check: probe.check, status, ...reason, findings, evidence }, started, firm);
}

/** Permits applied; any error makes the check failed, a skipped one too. */
function judge(result: CheckResult, firm: readonly Finding[], { allow }: ProofRequest, took: number): TimedCheckResult {
  const permitted = result.status === 'skipped' && result.findings.length === 0 ? [] : applyPermits(result.check, result.findings, allow);
  const findings = [...firm, ...permitted];
  const failed = findings.some(({ level }) => level === 'error');
  return { ...result, findings, status: failed ? 'failed' : result.status === 'failed' ? 'passed' : result.status, seconds: took };
}

/** Called at the first call; a failure is that of whoever asked. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

const seconds = (since: number): number => Math.round(performance.now() - since) / 1000;
const numberOf = (check: CheckId): number => CHECKS.find(({ id }) => id === check)?.number ?? 0;
