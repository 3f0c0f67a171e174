import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { houseRules } from './tools/lint/house-rules.mjs';
import { bannedImports } from './tools/lint/banned-imports.mjs';

const SOURCES = ['packages/*/src/**/*.ts'];
const SPECS = ['**/*.spec.ts', '**/testing/**/*.ts'];

/** Who may import whom: plugin → kit → domain → core. Plugins never import plugins. */
const LAYERS = [
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:asset', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:domain', 'layer:core'] },
  { sourceTag: 'layer:kit', onlyDependOnLibsWithTags: ['layer:kit', 'layer:domain', 'layer:core'] },
  {
    sourceTag: 'layer:plugin',
    onlyDependOnLibsWithTags: ['layer:kit', 'layer:domain', 'layer:core', 'layer:asset'],
  },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:domain', 'layer:core'] },
];

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '.nx/**', 'examples/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    plugins: { '@nx': nx, house: houseRules },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }],
      'house/file-name': 'error',
      'house/no-assertion-that-cannot-fail': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always'],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'chdir',
          message: 'A working folder is given to the process that is started.',
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='shell'][value.value=true]",
          message: 'Commands are argv arrays, never shell strings.',
        },
        {
          selector: "CallExpression[callee.name='exec'], CallExpression[callee.name='execSync'], CallExpression[callee.property.name='execSync']",
          message: 'Commands are argv arrays, never shell strings.',
        },
        {
          selector: 'ImportExpression > Literal[value=/^(cross-spawn|fast-glob|hasha)$/]',
          message: 'Foreign libraries of core have one importing file each.',
        },
      ],
    },
  },
  {
    files: SOURCES,
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: LAYERS,
          banTransitiveDependencies: false,
        },
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 48, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  {
    files: SPECS,
    rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', { max: 500 }] },
  },
  {
    files: ['packages/*/src/executors/*/{plan,executor,options}.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'An executor sees the world through its context.' }],
    },
  },
  {
    files: ['packages/*/src/executors/**/*.ts'],
    ignores: SPECS,
    rules: { 'house/no-try-in-executor': 'error' },
  },
  ...bannedImports,
  {
    files: ['tools/**/*.mjs', 'e2e/**/*.mjs', '**/*.js', '*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off', 'max-lines': ['error', { max: 300 }] },
  },
);
