/** `no-restricted-imports` by place. Flat config replaces a rule's options as a whole, so each place gets its complete list. */

const SINGLE_IMPORTERS = {
  'cross-spawn': 'packages/core/src/processes/run-process.ts',
  'fast-glob': 'packages/core/src/files/find-files.ts',
  hasha: 'packages/core/src/hashing/hash-file.ts',
};

const everywhere = {
  paths: Object.entries(SINGLE_IMPORTERS).map(([name, file]) => ({
    name,
    message: `Only ${file} imports ${name}.`,
  })),
  patterns: [
    {
      group: ['@nx/devkit/src/*', 'nx/src/*', '@nx/*/src/*'],
      message: 'Private modules of Nx: use its public entry points.',
    },
    {
      group: ['@waybill/*/src/*', '@waybill/*/dist/*'],
      message: 'Packages are imported by their entry points.',
    },
  ],
};

const builtIns = (names, message) =>
  names.flatMap((name) => [
    { name, message },
    { name: name.startsWith('node:') ? name.slice(5) : `node:${name}`, message },
  ]);

const EFFECTS = ['node:fs', 'node:fs/promises', 'node:child_process', 'node:http', 'node:https', 'node:net', 'node:worker_threads'];

const restricted = (extraPaths = [], extraPatterns = []) => ({
  'no-restricted-imports': ['error', { paths: [...everywhere.paths, ...extraPaths], patterns: [...everywhere.patterns, ...extraPatterns] }],
});

export const bannedImports = [
  { files: ['packages/*/src/**/*.ts'], rules: restricted() },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/core/src/processes/**', '**/*.spec.ts', '**/testing/**'],
    rules: restricted(builtIns(['node:child_process'], 'Programs are started through core’s Processes port.')),
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/processes/**', '**/*.spec.ts', '**/testing/**'],
    rules: restricted(builtIns(['node:child_process'], 'Programs are started through core’s Processes port.'), [
      { group: ['@nx/*', 'nx', 'nx/*'], message: 'Core knows nothing of Nx.' },
    ]),
  },
  {
    files: ['packages/{binary,relocation,artifacts,signatures,publishing}/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: restricted(builtIns(EFFECTS, 'Domain packages do no I/O: facts are given to them.'), [
      { group: ['@nx/*', 'nx', 'nx/*'], message: 'Domain packages know nothing of Nx.' },
    ]),
  },
  {
    files: ['packages/{bundle,python,signing}/src/**/*.ts', 'packages/plugin-kit/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**', 'packages/*/src/generators/**'],
    rules: restricted(builtIns(['node:child_process'], 'Programs are started through core’s Processes port.'), [
      {
        group: ['@nx/devkit', '@nx/devkit/*', 'nx', 'nx/*'],
        allowTypeImports: true,
        message: 'Executors do not load Nx at run time.',
      },
    ]),
  },
  ...Object.values(SINGLE_IMPORTERS).map((file) => ({
    files: [file],
    rules: { 'no-restricted-imports': 'off', 'no-restricted-syntax': 'off' },
  })),
];
