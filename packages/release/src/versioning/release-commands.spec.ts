import { commandSections, releaseCommands } from './release-commands';

const request = { project: 'wordtally', distribution: 'word-tally', version: '1.4.0-rc.1', tag: 'wordtally@1.4.0-rc.1' };

it('names the commands of each destination, in the form of version that it knows', () => {
  const destinations = [
    { type: 'index', repository: 'pypi' },
    { type: 'index', repository: 'https://index.example.org/legacy/' },
    { type: 'github-release' },
    { type: 'oci', repository: 'images.example.org/acme/wordtally' },
    { type: 's3' },
  ];
  expect(releaseCommands({ ...request, destinations, fingerprint: 'RWQkey' })).toEqual({
    install: [
      'pip install word-tally==1.4.0rc1',
      'gh release download wordtally@1.4.0-rc.1 --dir wordtally-1.4.0rc1',
      'oras pull --output wordtally-1.4.0rc1 images.example.org/acme/wordtally:1.4.0rc1',
    ],
    verify: ['npx @waybill/verify wordtally-1.4.0rc1 --fingerprint=RWQkey --project=wordtally --version=1.4.0rc1'],
  });
});

it('an identity of sigstore is quoted for a shell', () => {
  const fingerprint = 'https://github.com/a/b/.github/workflows/r.yml@refs/tags/* by https://token.actions.githubusercontent.com';
  const { verify } = releaseCommands({ ...request, destinations: [{ type: 'github-release' }], fingerprint });
  expect(verify).toEqual([expect.stringContaining(` --fingerprint='${fingerprint}' --project=`)]);
});

it('says which repository of GitHub, gets and verifies what a registry has, and knows a local version and a registry on this machine', () => {
  const destinations = [
    { type: 'github-release', repository: 'acme/wordtally' },
    { type: 'oci', repository: '127.0.0.1:5000/acme/wordtally' },
  ];
  const [download, pull] = releaseCommands({ ...request, version: '1.4.0+cu1', destinations }).install;
  expect(download).toBe('gh release download wordtally@1.4.0-rc.1 --repo acme/wordtally --dir wordtally-1.4.0+cu1');
  expect(pull).toBe('oras pull --plain-http --output wordtally-1.4.0+cu1 127.0.0.1:5000/acme/wordtally:1.4.0_cu1');
  const { verify } = releaseCommands({ ...request, destinations: destinations.slice(1) });
  expect(verify).toEqual([expect.stringContaining('npx @waybill/verify wordtally-1.4.0rc1 ')]);
});

it.each([{ destinations: [] }, { destinations: [{ type: 's3' }] }])('takes any version of a project that has no commands: %j', ({ destinations }) =>
  expect(releaseCommands({ ...request, version: '2.0.0-next.3', destinations })).toEqual({ install: [], verify: [] }),
);

it('says nothing of a release that goes to a folder', () => {
  expect(commandSections(releaseCommands({ ...request, destinations: [{ type: 'folder' }] }))).toEqual([]);
});

it.each([{ repositoryEnv: 'INDEX_URL' }, { repository: 'testpypi' }, { repository: 'https://index.example.org/legacy/' }])(
  'sends nobody to the public index for what goes to %j',
  (where) => expect(releaseCommands({ ...request, destinations: [{ type: 'index', ...where }] })).toEqual({ install: [], verify: [] }),
);

it('writes sections', () => {
  expect(commandSections({ install: ['pip install a==1'], verify: [] })).toEqual(['### Install\n\n```sh\npip install a==1\n```']);
});
