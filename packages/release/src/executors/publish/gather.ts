import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPrerelease } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { allTags, namesVersion, runGit, type Git, type StageContext, type UpstreamArtifact } from '@waybill/plugin-kit';
import { lookAtDestinations, planLines, refuseUnready, type Delivery, type Release } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { ownVersion } from '../../own-version';
import { nameDestinations, routeDestinations, type NamedDestination, type Routed } from '../../publishing/choose-destinations';
import { createDestinations, credentialLines, missingCredentials } from '../../publishing/create-destination';
import { judgeRelease, type GitFacts, type ReleaseFacts } from '../../publishing/judge-release';
import { earlyReleases } from '../../publishing/early-releases';
import { publishFilesOf } from '../../publishing/publish-file';
import { worldOf } from '../../publishing/destination-world';
import { foldersOf, readTree } from '../../publishing/read-changes';
import { changelogExcerpt, releaseBody } from '../../publishing/release-body';
import { releaseCommands, type NamedDestination as NamedCommands } from '../../versioning/release-commands';
import type { PublishOptions } from './options';

type Context = StageContext<PublishOptions>;

export interface PublishFacts extends ReleaseFacts, Routed {
  release: Release;
  waybill: string;
  /** Of the key that signed the sums. */
  fingerprint?: string | undefined;
  /** Text of the release for people, where a destination shows one. */
  body: string;
  /** Of a dry run, or of `--plan`: what stands where. */
  outlook?: { deliveries: readonly Delivery[]; findings: readonly Finding[]; credentials: readonly string[] };
}

/** Reads the release, and in a dry run every destination. */
export async function gatherPublish(context: Context): Promise<PublishFacts> {
  const git = await gitFacts(context);
  const release = releaseOf(context, git);
  const { only, skip, skipReason, requireTag, to, plan } = context.options;
  const routed = routeDestinations(nameDestinations(to), {
    only,
    skip,
    skipReason,
    requireTag,
    channel: release.channel,
    tag: git.tag,
    elsewhere: git.elsewhere,
  });
  const { projectName, targetName, upstreamRecords: records } = context;
  const files = shippingFiles(context);
  const sums = await sumsOf(context, files);
  const { proof, allowUnproved } = context.options;
  const early = earlyReleases(context.nxRelease);
  const facts: ReleaseFacts = { projectName, targetName, files, records, git, proof, allowUnproved, earlyReleases: early, ...(sums && { sums }) };
  const outlook = (context.dryRun || plan) && files.length > 0 ? await lookAhead(context, release, routed, facts) : undefined;
  const body = await bodyOf(context, release, files);
  const fingerprint = signerOf(release.project, records);
  return { ...facts, ...routed, release, body, fingerprint, waybill: await ownVersion(), ...(outlook && { outlook }) };
}

async function gitFacts({ processes, workspaceRoot, toolEnvironment, tagForms, version, options }: Context): Promise<GitFacts> {
  const git: Git = { processes, workspaceRoot, environment: toolEnvironment };
  const tree = await readTree(git, tagForms, foldersOf(options));
  if (!tree) return { otherTags: [], changes: [] };
  const { commit, tags, changes } = tree;
  const isOwn = namesVersion(version);
  const tag = tags.find(isOwn)?.tag;
  const otherTags = tags.filter((one) => !isOwn(one)).map((one) => one.tag);
  const elsewhere = tag === undefined ? (await allTags(git, tagForms)).find(isOwn)?.tag : undefined;
  const place = elsewhere === undefined ? undefined : await runGit(git, ['rev-parse', '--verify', `refs/tags/${elsewhere}^{commit}`]);
  return {
    commit,
    ...(tag !== undefined && { tag }),
    ...(place !== undefined && { elsewhere: { tag: elsewhere!, commit: place } }),
    otherTags,
    changes,
  };
}

function releaseOf({ projectName, name, version, options, sourceDateEpoch }: Context, { tag, commit }: GitFacts): Release {
  const channel = options.channel ?? (isPrerelease(version) ? 'prerelease' : 'stable');
  return {
    project: projectName,
    name,
    version,
    channel,
    ...(tag !== undefined && { tag }),
    ...(commit !== undefined && { commit }),
    sourceDateEpoch,
  };
}

/** What ships of the project, sums and signatures too; of a project that makes nothing itself, what it depends on. */
export function shippingFiles({ projectName, upstream }: Pick<Context, 'projectName' | 'upstream'>): readonly UpstreamArtifact[] {
  const shipping = upstream.filter(({ ships, kind }) => ships && kind !== 'bundle-folder' && kind !== 'app');
  const made = shipping.filter(({ stage }) => stage !== 'checksum' && stage !== 'sign-checksums');
  const hasOwn = made.some(({ project }) => project === projectName);
  return hasOwn ? shipping.filter(({ project }) => project === projectName) : shipping;
}

/** From the changelog of the project, else of the workspace, and the commands for each destination. */
async function bodyOf(context: Context, { project, version, tag }: Release, files: readonly UpstreamArtifact[]): Promise<string> {
  const { workspaceRoot, projectRoot, options, upstreamRecords: records } = context;
  const changelog = [projectRoot, '.'].map((folder) => join(workspaceRoot, folder, 'CHANGELOG.md')).find((file) => existsSync(file));
  const excerpt = changelog === undefined ? '' : changelogExcerpt(await readFile(changelog, 'utf8'), version);
  const wheel = files.find(({ kind }) => kind === 'wheel')?.name;
  const request = {
    project,
    distribution: wheel?.split('-')[0]!.replaceAll('_', '-'),
    version,
    tag: tag ?? version,
    destinations: options.to.map((option) => withRepository(option, context)),
  };
  return releaseBody(excerpt, releaseCommands({ ...request, fingerprint: signerOf(project, records) }));
}

/** The repository of GitHub that a workflow tells, as the destination takes it. */
const withRepository = (option: PublishOptions['to'][number], { environment }: Context): NamedCommands =>
  option.type === 'github-release' ? { ...option, repository: option.repository ?? environment['GITHUB_REPOSITORY']?.trim() } : option;

/** Who signed the sums. */
function signerOf(project: string, records: Context['upstreamRecords']): string | undefined {
  const signed = records.find((one) => one.project === project && one.record.stage === 'sign-checksums' && !one.planned);
  const signatures = signed?.record.facts['signatures'];
  const [first] = Array.isArray(signatures) ? (signatures as readonly { fingerprint?: unknown }[]) : [];
  return typeof first?.fingerprint === 'string' ? first.fingerprint : undefined;
}

async function sumsOf({ projectName, upstreamRecords }: Context, files: readonly UpstreamArtifact[]): Promise<ReleaseFacts['sums']> {
  const summed = upstreamRecords.find(({ project, record, planned }) => project === projectName && record.stage === 'checksum' && !planned);
  const rows = Array.isArray(summed?.record.facts['sums']) ? (summed.record.facts['sums'] as readonly { algorithm?: string; name?: string }[]) : [];
  const name = rows.find(({ algorithm }) => algorithm === 'sha256')?.name;
  const artifact = files.find((file) => file.kind === 'checksums' && file.name === name);
  return artifact && { artifact, text: await readFile(artifact.file, 'utf8') };
}

/**
 * With a client that cannot write. A destination whose credential is not there is not asked: a dry run needs none. Files that only a real run makes
 * cannot be compared.
 */
async function lookAhead(context: Context, release: Release, routed: Routed, facts: ReleaseFacts): Promise<PublishFacts['outlook']> {
  const made = !context.upstreamRecords.some(({ planned }) => planned);
  const world = worldOf(context, { readOnly: true, waybill: await ownVersion(), files: facts.files });
  const missing = (destination: NamedDestination): readonly Finding[] =>
    missingCredentials(destination, world).map((credential) => {
      const { message, fix } = publishErrors.error('PUBLISH_CREDENTIAL', { id: destination.id, ...credential });
      return { check: 'credential', level: 'warning', path: destination.id, message: `${message}; what stands there was not asked`, fix };
    });
  const gates = made ? judgeRelease(facts, routed.chosen) : [];
  const able = routed.chosen.filter((destination) => missing(destination).length === 0);
  const { destinations, faults } = await createDestinations(able, world);
  const files = publishFilesOf(facts.files, facts.records);
  const deliveries = await lookAtDestinations({ release, destinations, files }, { known: made });
  const plan = { release, destinations: deliveries.map((delivery) => delivery.plan), skipped: routed.skipped };
  const credentials = routed.chosen.flatMap((destination) => credentialLines(destination, world));
  // a dry run of what would be refused is refused, and shows the plan before
  refuseUnready(release.version, deliveries, faults, () => [...planLines(plan), ...credentials].forEach((line) => context.progress.line(line)));
  return { deliveries, credentials, findings: [...gates, ...routed.chosen.flatMap(missing), ...deliveries.flatMap(({ findings }) => findings)] };
}
