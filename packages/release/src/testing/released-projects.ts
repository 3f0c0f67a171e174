import { addProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { targetsFor, type TargetsRequest } from '@waybill/plugin-kit';

type Options = Readonly<Record<string, object>>;

/** A workspace with these projects and their release targets, for specs. */
export function treeOf(projects: Readonly<Record<string, TargetsRequest & { options?: Options }>>): Tree {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('package-lock.json', '{}');
  for (const [name, { options = {}, ...request }] of Object.entries(projects)) {
    const targets = Object.fromEntries(
      Object.entries(targetsFor(request)).map(([target, lines]) => [target, { ...lines, ...(options[target] && { options: options[target] }) }]),
    );
    addProjectConfiguration(tree, name, { root: name, targets: targets as never });
  }
  return tree;
}

export const LIBRARY = {
  wordtally: {
    kind: 'library' as const,
    options: {
      'sign-checksums': { backend: 'minisign', keyEnv: 'MINISIGN_KEY', passwordEnv: 'MINISIGN_PASSWORD' },
      publish: {
        to: [
          { id: 'pypi', type: 'index', repository: 'pypi', auth: 'trusted' },
          { type: 'folder', path: 'releases' },
        ],
      },
    },
  },
};
const TWO_INDEXES = {
  to: [
    { type: 'index', repository: 'testpypi' },
    { type: 'index', repository: 'pypi', tokenEnv: 'RELEASE_TOKEN' },
  ],
};
export const STAGED = { tally: { kind: 'library' as const, options: { publish: TWO_INDEXES } } };
export const NATIVE_LIBRARY = { fastcount: { kind: 'library' as const, platforms: ['linux-aarch64', 'macos-universal2', 'windows-x86_64'] } };
export const EMBEDDED = {
  studio: {
    kind: 'embedded-app' as const,
    platforms: ['linux-x86_64', 'macos-aarch64'],
    options: {
      'sign-macos': { backend: 'apple' },
      'package-macos': { runtime: { provider: 'archive', urlEnv: 'CPYTHON_URL', sha256Env: 'CPYTHON_SHA256' }, versionEnv: 'VERSION' },
      publish: {
        to: [
          { id: 'r2', type: 's3' },
          { id: 'images', type: 'oci', repository: 'images.example.org/acme/studio' },
        ],
      },
    },
  },
};
const PYTHON_APP = {
  pychat: {
    kind: 'python-app' as const,
    platforms: ['linux-x86_64', 'linux-aarch64', 'macos-aarch64', 'windows-x86_64'],
    options: {
      'sign-macos': { backend: 'apple' },
      'sign-windows': { certificateEnv: 'WINDOWS_CERTIFICATE' },
      publish: { to: [{ id: 'github', type: 'github-release' }] },
    },
  },
};
export const KINDS = {
  library: LIBRARY,
  'staged-library': STAGED,
  'native-library': NATIVE_LIBRARY,
  'embedded-app': EMBEDDED,
  'python-app': PYTHON_APP,
};
