import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distFolder, type Artifact, type Json } from '@waybill/artifacts';
import { createHttpClient, type Finding, type HttpClient, type Outcome } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import { writeArchiveManifests } from '../../inside/archive-manifests';
import { journalFiles, parseEntries, renderEntries, type JournalEntry } from '../../notary/journal';
import { notarizeFile, type Notarized, type NotaryPorts } from '../../notary/notarize-file';
import { NOTARY_URL } from '../../notary/notary-request';
import { restService, type NotaryService } from '../../notary/notary-service';
import { notarytoolService } from '../../notary/notarytool';
import { rcodesignService } from '../../notary/rcodesign-notary';
import { TICKET_URL } from '../../notary/ticket';
import { attachTickets, type TicketState } from '../../notarizing/attach-tickets';
import { logFindings } from '../../notarizing/log-findings';
import { openSubject, type OpenRequest, type OpenSubject } from '../../notarizing/open-subject';
import { signingTeams } from '../../notarizing/signing-teams';
import type { NotaryAccess } from './gather';
import type { NotarizeOptions } from './options';
import type { NotarizePlan } from './plan';

type Context = StageContext<NotarizeOptions>;

export interface NotarizeTiming {
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
}

/** Beside report.json: what was submitted, for a run that finds this folder and nothing else. */
const SUBMISSIONS_FILE = 'submissions.json';
/** Of the whole time; the rest is for what comes before and behind the wait. */
const WAIT_SHARE = 0.9;

interface Done {
  subject: OpenSubject;
  notarized: Notarized;
  ticket: TicketState;
  why?: string;
  artifact?: Artifact;
}

/** Looks through everything, then sends, waits, attaches tickets. Nothing is sent while anything is wrong with any of them. */
export async function applyNotarize(
  context: Context,
  { subjects, listed, access, skip }: NotarizePlan,
  outputDir: string,
  timing: NotarizeTiming,
): Promise<StageResult> {
  if (skip !== undefined) return skipped(context);
  const { options, progress } = context;
  const work = join(outputDir, '.notarizing');
  await mkdir(work);
  const deadlineMs = timing.nowMs() + (options.wait ? Math.min(options.waitMs, context.timeoutMs * WAIT_SHARE) : 0);
  const policies = policiesOf(context);
  const opened: OpenSubject[] = [];
  for (const of of subjects) {
    const open = (): Promise<OpenSubject> =>
      openSubject(of, { workFolder: join(work, of.name), ...policies, staple: options.staple, now: timing.nowMs() });
    opened.push(await progress.step(`look through ${of.name}`, open));
  }
  const seen = opened.flatMap(({ findings }) => findings);
  if (seen.some(({ level }) => level === 'error')) {
    await rm(work, { recursive: true, force: true });
    return notSent(seen);
  }
  const ports = await portsOf(context, access!, { ...timing, deadlineMs });
  const done: Done[] = [];
  for (const subject of opened) done.push(await notarizeOne(context, ports, { subject, outputDir, timing }));
  await rm(work, { recursive: true, force: true });
  await writeFile(join(outputDir, SUBMISSIONS_FILE), renderEntries(done.map(({ notarized }) => notarized.entry)));
  const stapled = done.flatMap(({ artifact }) => artifact ?? []);
  return resultOf(done, [...stapled, ...(await writeArchiveManifests({ made: stapled, listed, outputDir, progress }))]);
}

/** Images are of the team whose code was signed before; zips in a bundle may hold code of others. */
function policiesOf({ options: { endpoints, team }, upstreamRecords }: Context): Pick<OpenRequest, 'policy' | 'imagePolicy'> {
  const [appleRoot, teams] = [endpoints.notary === undefined, team === undefined ? [] : [team]];
  return { policy: { appleRoot, teams }, imagePolicy: { appleRoot, teams: team === undefined ? signingTeams(upstreamRecords) : teams } };
}

function skipped({ options }: Context): StageResult {
  return {
    outcome: 'skipped',
    artifacts: [],
    facts: { notarized: [], notNotarized: options.skip! },
    findings: [],
    summary: [`NOT NOTARIZED (${options.skip!})`],
  };
}

const notSent = (findings: readonly Finding[]): StageResult => ({
  outcome: 'failure',
  artifacts: [],
  facts: {},
  findings,
  summary: [faultsOf(findings.filter(({ level }) => level === 'error').length)],
});

const faultsOf = (count: number): string => `${count} ${count === 1 ? 'fault' : 'faults'} that Apple would refuse; nothing was sent`;

async function portsOf(
  context: Context,
  access: NotaryAccess,
  { nowMs, pause, deadlineMs }: NotarizeTiming & { deadlineMs: number },
): Promise<NotaryPorts> {
  const { workspaceRoot, progress } = context;
  const service = serviceOf(context, access, { nowMs, pause });
  const journal = journalFiles(workspaceRoot, service.address, await earlierEntries(context));
  return { service, journal, nowMs, pause, deadlineMs, line: (text) => progress.line(text) };
}

function serviceOf(context: Context, access: NotaryAccess, { nowMs, pause }: NotarizeTiming): NotaryService {
  if (access.backend !== 'rest') {
    const { processes, toolEnvironment: environment, timeoutMs } = context;
    const ports = { processes, tool: access.tool, environment, timeoutMs };
    if (access.backend === 'rcodesign') return rcodesignService({ ports, key: access.key, pause });
    return notarytoolService({ ports, credential: access.credential, pause });
  }
  const { notary = NOTARY_URL, bucket } = context.options.endpoints;
  const http = httpOf(context, pause);
  return restService({ wire: { http, url: notary.replace(/\/$/, ''), key: access.key, nowMs, pause }, http, bucket });
}

const httpOf = ({ environment }: Context, pause: NotarizeTiming['pause']): HttpClient =>
  createHttpClient({ readOnly: false, userAgent: 'waybill', env: environment, pause });

/** What an earlier run of the target left, here or on another machine that stored its folder. */
async function earlierEntries({ workspaceRoot, projectRoot, targetName }: Context): Promise<readonly JournalEntry[]> {
  const path = `${distFolder(projectRoot, targetName)}/${SUBMISSIONS_FILE}`;
  const file = join(workspaceRoot, path);
  return existsSync(file) ? parseEntries(await readFile(file, 'utf8'), path) : [];
}

async function notarizeOne(
  context: Context,
  ports: NotaryPorts,
  { subject, outputDir, timing }: { subject: OpenSubject; outputDir: string; timing: NotarizeTiming },
): Promise<Done> {
  const { options, progress } = context;
  const { name } = subject.of;
  const notarized = await progress.step(`notarize ${name}`, () => notarizeFile(subject.submission, ports));
  if (notarized.log !== undefined) await writeFile(join(outputDir, `${name}.notary-log.json`), notarized.log.text);
  if (notarized.outcome !== 'accepted') return { subject, notarized, ticket: 'none' };
  const service = { http: httpOf(context, timing.pause), url: options.endpoints.tickets ?? TICKET_URL, pause: timing.pause };
  const attached = await progress.step(`ticket of ${name}`, () =>
    attachTickets(subject, { service, staple: options.staple, output: join(outputDir, name) }),
  );
  return { subject, notarized, ...attached };
}

function resultOf(done: readonly Done[], artifacts: readonly Artifact[]): StageResult {
  const findings = done.flatMap(({ subject, notarized: { log, entry } }) => [...subject.findings, ...logFindings(subject.of.name, entry, log)]);
  const outcome = outcomeOf(done);
  return {
    outcome,
    artifacts,
    facts: { notarized: done.map(factsOf) },
    findings,
    report: { submissions: done.map(submissionOf) },
    summary: [
      ...done.flatMap(summaryOf),
      ...(outcome === 'pending' ? ['run it again: it goes on with these submissions, and nothing is sent twice'] : []),
    ],
  };
}

function outcomeOf(done: readonly Done[]): Outcome {
  const outcomes = done.map(({ notarized }) => notarized.outcome);
  if (outcomes.some((outcome) => outcome === 'invalid' || outcome === 'rejected')) return 'failure';
  return outcomes.includes('pending') || done.some(({ ticket }) => ticket === 'waited-for') ? 'pending' : 'success';
}

const submissionOf = ({ subject, notarized: { entry }, why }: Done): Json => ({
  ...{ name: subject.of.name, service: entry.service, id: entry.id!, state: entry.state },
  ...(why !== undefined && { noTicket: why }),
});

/** For the record: what was notarized, how, and whether its first start needs the network. */
const factsOf = ({ subject: { of, submission }, notarized: { entry, log }, ticket }: Done): Json => ({
  name: of.name,
  of: `sha256:${of.sha256}`,
  submitted: `sha256:${submission.sha256}`,
  id: entry.id!,
  status: log?.status ?? 'In Progress',
  warnings: log?.issues.length ?? 0,
  ticket,
});

const TICKETS: Readonly<Record<TicketState, string>> = {
  stapled: 'with its ticket inside',
  online: 'its ticket is online only: the first start needs the network',
  'waited-for': 'its ticket is not given out yet',
  none: '',
};

const summaryOf = ({ subject: { of }, notarized: { outcome, entry }, ticket, why }: Done): readonly string[] => [
  `${of.name}: ${outcome}, submission ${entry.id ?? 'none'}${ticket === 'none' ? '' : `, ${TICKETS[ticket]}`}`,
  ...(why === undefined ? [] : [`the server of tickets said: ${why}`]),
];
