import { hashBytes } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import type { DestinationOption } from '../executors/publish/destination-options';
import type { NamedDestination } from './choose-destinations';
import { nameDestinations, routeDestinations } from './choose-destinations';
import { earlyReleases } from './early-releases';
import { judgeRelease, type ReleaseFacts } from './judge-release';

const folder: DestinationOption = { type: 'folder', path: 'x', channels: ['stable', 'prerelease'], simpleIndex: false };
const REMOTE: readonly NamedDestination[] = [{ id: 'index', remote: true, option: folder }];
const COMMIT = 'a'.repeat(40);

const artifactOf = (name: string, kind: string, text: string): UpstreamArtifact =>
  ({ name, kind, sha256: hashBytes(text), madeFrom: [], project: 'app', target: 't' }) as unknown as UpstreamArtifact;
const recordOf = (stage: string, facts: object): UpstreamRecord =>
  ({ project: 'app', target: stage, record: { stage, facts } }) as unknown as UpstreamRecord;

function factsOf(more: Partial<ReleaseFacts> = {}, summed: object = {}): ReleaseFacts {
  const file = artifactOf('a.whl', 'wheel', 'a');
  const text = `${file.sha256}  a.whl\n`;
  const artifact = artifactOf('SUMS', 'checksums', text);
  const signature = { ...artifactOf('SUMS.asc', 'signature', 's'), madeFrom: [`sha256:${artifact.sha256}`] };
  return {
    projectName: 'app',
    targetName: 'publish',
    files: [file, artifact, signature],
    records: [recordOf('checksum', { commit: COMMIT, ...summed })],
    proof: { checks: [] },
    git: { commit: COMMIT, tag: 'v1', otherTags: [], changes: [] },
    earlyReleases: [],
    sums: { artifact, text },
    ...more,
  };
}
const judge = (facts: ReleaseFacts, chosen = REMOTE): (() => unknown) => {
  return () => judgeRelease(facts, chosen);
};
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

it('lets a signed release of a clean tagged tree pass', () => expect(judge(factsOf())()).toEqual([]));

it('PUBLISH_PROOF: a bundle without any proof goes nowhere where others are, unless a reason is given', () => {
  const bundle = artifactOf('a.tar.gz', 'bundle-archive', 'a');
  const text = `${bundle.sha256}  a.tar.gz\n`;
  const artifact = artifactOf('SUMS', 'checksums', text);
  const signature = { ...artifactOf('SUMS.asc', 'signature', 's'), madeFrom: [`sha256:${artifact.sha256}`] };
  const facts = factsOf({ files: [bundle, artifact, signature], sums: { artifact, text } });
  expect(judge(facts)).toThrow(expect.objectContaining({ code: 'PUBLISH_PROOF', details: ['`a.tar.gz`: no smoke target before it'] }));
  const warned = [{ check: 'proof', level: 'warning' }];
  expect(judge(facts, [{ ...REMOTE[0]!, remote: false }])()).toMatchObject(warned);
  expect(judge({ ...facts, allowUnproved: 'no Mac here' })()).toMatchObject([{ ...warned[0], message: expect.stringContaining('no Mac here') }]);
});

it('PUBLISH_EARLY: a release that Nx makes public without files is refused where publish makes one itself, and nowhere else', () => {
  const release = { groups: { apps: { changelog: { createRelease: 'github' } } }, changelog: { projectChangelogs: { createRelease: false } } };
  const facts = factsOf({ earlyReleases: earlyReleases(release) });
  const github = [{ ...REMOTE[0]!, option: { type: 'github-release' } as never }];
  expect(judge(facts, github)).toThrow(expect.objectContaining({ code: 'PUBLISH_EARLY', details: [expect.stringContaining('groups.apps')] }));
  expect(judge(factsOf(), github)()).toEqual([]);
  expect(judge(facts, [{ ...REMOTE[0]!, option: { type: 'index' } as never }])()).toEqual([]);
});

it('PUBLISH_UNSIGNED: only a reason lets unsigned sums go where others are', () => {
  const unsigned = { files: factsOf().files.filter(({ kind }) => kind !== 'signature') };
  expect(judge(factsOf(unsigned))).toThrow(refused('PUBLISH_UNSIGNED'));
  const records = [...factsOf().records, recordOf('sign-checksums', { allowUnsigned: 'no key yet' })];
  expect(judge(factsOf({ ...unsigned, records }))()).toMatchObject([{ level: 'warning', message: expect.stringContaining('no key yet') }]);
  // a reason for something else is none for the sums
  const other = [...factsOf().records, recordOf('sign', { allowUnsigned: 'no certificate yet' })];
  expect(judge(factsOf({ ...unsigned, records: other }))).toThrow(refused('PUBLISH_UNSIGNED'));
  const stale = [...unsigned.files, { ...artifactOf('SUMS.asc', 'signature', 's'), madeFrom: [`sha256:${'0'.repeat(64)}`] }];
  expect(judge(factsOf({ files: stale }))).toThrow(refused('PUBLISH_UNSIGNED'));
});

it('PUBLISH_DIRTY: changes now, and changes when the files were summed', () => {
  const git = { ...factsOf().git, changes: [' M src/app.py'] };
  expect(judge(factsOf({ git }))).toThrow(refused('PUBLISH_DIRTY'));
  expect(judge(factsOf({}, { dirty: true }))).toThrow(refused('PUBLISH_DIRTY'));
  expect(judge(factsOf({ git }), [{ ...REMOTE[0]!, remote: false }])()).toMatchObject([{ level: 'warning', check: 'tree' }]);
});

it('PUBLISH_COMMIT: a tag that moved to another commit than the one that was summed', () => {
  const git = { ...factsOf().git, commit: 'b'.repeat(40) };
  expect(judge(factsOf({ git }))).toThrow(refused('PUBLISH_COMMIT'));
  expect(judge(factsOf({ git }), [])()).toMatchObject([{ level: 'warning' }]);
});

it('PUBLISH_PREFLIGHT: everything that these gates refuse is told at once', () => {
  const git = { ...factsOf().git, commit: 'b'.repeat(40), changes: [' M src/app.py'] };
  const files = [...factsOf().files.filter(({ kind }) => kind !== 'signature'), artifactOf('b.whl', 'wheel', 'b')];
  const lines = (codes: readonly string[]): unknown => expect.arrayContaining(codes.map((code) => expect.stringContaining(code)));
  const codes = ['PUBLISH_SUMS', 'PUBLISH_UNSIGNED', 'PUBLISH_DIRTY', 'PUBLISH_COMMIT'];
  expect(judge(factsOf({ git, files }))).toThrow(expect.objectContaining({ code: 'PUBLISH_PREFLIGHT', details: lines(codes) }));
});

it('skips what is open to others when there is no tag, unless told otherwise', () => {
  const routing = { only: [], skip: [], channel: 'stable' as const };
  const reasons = (requireTag: boolean, tag?: string): unknown => routeDestinations(REMOTE, { ...routing, requireTag, tag }).skipped;
  expect([reasons(true), reasons(false), reasons(true, 'v1')]).toEqual([[{ id: 'index', reason: 'no release tag' }], [], []]);
  expect(nameDestinations([folder]).map(({ id }) => id)).toEqual(['folder']);
});
