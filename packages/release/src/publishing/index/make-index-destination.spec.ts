import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpClient, HttpRequest } from '@waybill/core';
import { makeDemoWheel, temporaryFolder } from '@waybill/core/testing';
import { fakeTools } from '@waybill/plugin-kit/testing';
import type { Release } from '@waybill/publishing';
import { destinationOption, type DestinationOption } from '../../executors/publish/destination-options';
import type { NamedDestination } from '../choose-destinations';
import { createDestinations, missingCredentials, secretVariables, type DestinationWorld } from '../create-destination';
import { publishPredicate } from './public-index';

const folder = temporaryFolder();
const RELEASE: Release = { project: 'app', name: 'Word_Tally', version: '1.0', channel: 'stable', sourceDateEpoch: 0 };

const optionOf = (value: object): DestinationOption => destinationOption.parse({ type: 'index', ...value });
const named = (value: object): readonly NamedDestination[] => [{ id: 'there', remote: true, option: optionOf(value) }];

/** A twine that knows two indexes on this machine. */
function worldWith(utils: string, environment: Record<string, string> = {}): { world: DestinationWorld; asked: string[] } {
  mkdirSync(join(folder.path, 'twine'), { recursive: true });
  writeFileSync(join(folder.path, 'twine', 'utils.py'), utils);
  const asked: string[] = [];
  const http: HttpClient = {
    readOnly: true,
    request: async ({ url }: HttpRequest) => {
      asked.push(url);
      return { status: 404, headers: {}, bytes: async () => Buffer.from(''), text: async () => '', stream: async function* () {} };
    },
  };
  const tools = { ...fakeTools({}), library: async () => ({ version: '7', folder: folder.path }) };
  return {
    asked,
    world: { workspaceRoot: '/w', name: 'Word_Tally', files: [], tools, environment: { PYPI_TOKEN: 't', ...environment }, http: () => http },
  };
}
const UTILS = 'DEFAULT_REPOSITORY = "http://upload.localhost:1/legacy/"\nTEST_REPOSITORY = "http://test.localhost:1/legacy/"\n';

it('learns from twine where the public indexes are', async () => {
  for (const [repository, expected] of [
    ['pypi', 'http://localhost:1/simple/word-tally/'],
    ['testpypi', 'http://test.localhost:1/simple/word-tally/'],
  ]) {
    const { world, asked } = worldWith(UTILS);
    const [destination] = (await createDestinations(named({ repository }), world)).destinations;
    await destination!.list(RELEASE);
    expect([destination!.title, asked]).toEqual([`index ${repository}`, [expected]]);
  }
});

it('learns from twine what an attestation has to say', async () => {
  expect(await publishPredicate(worldWith(UTILS).world.tools)).toBe('https://docs.localhost:1/attestations/publish/v1');
});

it('takes the address of a public index for its name, and asks for twine only where the host may be one', async () => {
  for (const [repository, title] of [
    ['https://pypi.example.org/', 'index pypi'],
    ['https://upload.pypi.example.org/legacy/', 'index pypi'],
    ['https://test.pypi.example.org/legacy/', 'index testpypi'],
    ['https://pypi.team.example.org/simple-team/', 'index https://pypi.team.example.org/simple-team/'],
  ]) {
    const { world } = worldWith(UTILS.replaceAll('localhost:1', 'pypi.example.org').replaceAll('http:', 'https:'));
    expect((await createDestinations(named({ repository }), world)).destinations[0]!.title).toBe(title);
  }
  const { world } = worldWith('');
  const tools = { ...world.tools, library: () => Promise.reject(new Error('twine was asked for')) };
  expect((await createDestinations(named({ repository: 'https://packages.example.org/' }), { ...world, tools })).destinations).toHaveLength(1);
});

it('trusted publishing needs no variable of its own, and asks the index itself', async () => {
  const option = optionOf({ repository: 'pypi', auth: 'trusted' });
  expect([secretVariables([option]), missingCredentials({ id: 'there', remote: true, option }, worldWith('').world)]).toEqual([[], []]);
  const { world, asked } = worldWith(UTILS, { GITHUB_ACTIONS: 'true' });
  const { path: file, lock } = await makeDemoWheel(folder.path);
  const { file: name, sha256 } = Object.values(lock['waybill-demo']!.wheels)[0]!;
  const wheel = { name, kind: 'wheel' as const, size: 1, sha256, madeFrom: [], file };
  const files = [wheel] as unknown as DestinationWorld['files'];
  const [destination] = (await createDestinations(named({ repository: 'pypi', auth: 'trusted' }), { ...world, files })).destinations;
  const findings = await destination!.preflight(RELEASE, [{ ...wheel, content: { size: 0, open: async function* () {} } }]);
  expect(asked.at(-1)).toBe('http://upload.localhost:1/_/oidc/audience');
  expect(findings).toMatchObject([{ check: 'PUBLISH_TRUSTED_UNSUPPORTED', level: 'warning' }]);
});

it('calls a wheel that cannot be read by its name', async () => {
  const { world } = worldWith('');
  const file = join(folder.path, 'app-1.0-py3-none-any.whl');
  writeFileSync(file, 'no wheel');
  const wheel = { name: 'app-1.0-py3-none-any.whl', kind: 'wheel' as const, size: 8, sha256: 'a'.repeat(64), madeFrom: [] };
  const files = [{ ...wheel, file }] as unknown as DestinationWorld['files'];
  const option = { repository: 'http://localhost:1/', auth: 'none' };
  const [destination] = (await createDestinations(named(option), { ...world, files })).destinations;
  const refused = destination!.preflight(RELEASE, [{ ...wheel, content: { size: 0, open: async function* () {} } }]);
  await expect(refused).rejects.toMatchObject({ code: 'ARCHIVE_FORMAT', message: `\`${wheel.name}\` is no archive that can be read here` });
});

it('takes an address from the option or a variable, and the simple API beside it', async () => {
  const { world, asked } = worldWith('', { INDEX_URL: 'http://localhost:1/root/dev' });
  const options = [
    { repositoryEnv: 'INDEX_URL', simple: '+simple' },
    { repository: 'http://localhost:1/pypi', auth: 'none', project: 'Other.Name' },
  ];
  for (const option of options) await (await createDestinations(named(option), world)).destinations[0]!.list(RELEASE);
  expect(asked).toEqual(['http://localhost:1/root/dev/+simple/word-tally/', 'http://localhost:1/pypi/simple/other-name/']);
});

it('names the variables that it needs, and which of them are secrets', () => {
  const option = optionOf({ repositoryEnv: 'INDEX_URL' });
  expect(secretVariables([option, optionOf({ repository: 'pypi', auth: 'none' })])).toEqual(['PYPI_TOKEN']);
  expect(missingCredentials({ id: 'there', remote: true, option }, worldWith('').world)).toMatchObject([{ variable: 'INDEX_URL' }]);
});

it.each([
  ['PUBLISH_NO_REGISTRY', { repository: 'github-packages' }, UTILS],
  ['PUBLISH_NO_REGISTRY', { repository: ['https://pypi.pkg.github', 'example/team'].join('.') }, UTILS],
  ['PUBLISH_ADDRESS', { repository: 'packages.example.org' }, UTILS],
  ['PUBLISH_ADDRESS', { repository: 'http://localhost:1/', simple: 'http://[' }, UTILS],
  ['PUBLISH_TWINE', { repository: 'pypi' }, 'nothing = 1\n'],
  ['PUBLISH_CREDENTIAL', { repository: 'http://localhost:1/', tokenEnv: 'NOT_SET' }, UTILS],
  ['PUBLISH_CREDENTIAL', { repositoryEnv: 'NOT_SET' }, UTILS],
])('%s: %j', async (code, option, utils) => {
  expect((await createDestinations(named(option), worldWith(utils).world)).faults).toMatchObject([{ code }]);
});

it('does not show what a variable holds when it is no address: it may hold credentials', async () => {
  const { world } = worldWith('', { INDEX_URL: '__token__:glpat-x@index.example.org' });
  const [refused] = (await createDestinations(named({ repositoryEnv: 'INDEX_URL' }), world)).faults;
  expect(refused).toMatchObject({ code: 'PUBLISH_ADDRESS' });
  expect(JSON.stringify(refused) + String(refused)).not.toContain('glpat-x');
  expect(refused!.details).toContain('actual what the variable INDEX_URL holds');
});

it.each([{}, { repository: 'pypi', repositoryEnv: 'X' }, { repository: 'pypi', auth: 'other' }, { repository: 'pypi', attestations: 'always' }])(
  'refuses the options %j',
  (option) => {
    expect(destinationOption.safeParse({ type: 'index', ...option }).success).toBe(false);
  },
);
