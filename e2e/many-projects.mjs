/** Fifty projects of all kinds in a workspace, as the generators of the packed packages write them; no command of Nx is started for each. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const numbers = (count) => Array.from({ length: count }, (_, index) => String(index + 1).padStart(2, '0'));
const quiet = { skipFormat: true, skipPackageJson: true };

/** `l01`…`l20`: each is carried by the program of its number; `l01` needs `l02`. */
export const LIBRARIES = numbers(20).map((number) => `l${number}`);
/** `p01`…`p20`, each with the library of its number; `p20` with `l19` too; `p05` has locked requirements. */
export const PROGRAMS = numbers(20).map((number) => `p${number}`);
/** `e01`…`e10`; `e01` carries `l03`. */
export const NATIVE = numbers(10).map((number) => `e${number}`);
export const PROJECTS = [...LIBRARIES, ...PROGRAMS, ...NATIVE].sort();

/** Writes them below `root`, where `init` has run. */
export async function writeManyProjects(root) {
  const require = createRequire(join(root, 'package.json'));
  const inPackages = createRequire(require.resolve('@waybill/plugin-kit/package.json'));
  const { createTreeWithEmptyWorkspace } = inPackages('@nx/devkit/testing');
  const generator = (name, path) =>
    require(join(dirname(require.resolve(`@waybill/${name}/package.json`)), 'dist/generators', path, 'generator.js')).default;
  const [library, program, native] = [generator('python', 'library'), generator('bundle', 'python-app'), generator('bundle', 'embedded-app')];
  const tree = createTreeWithEmptyWorkspace();
  const silent = console.info;
  console.info = () => undefined;
  for (const name of LIBRARIES) await library(tree, { directory: `libs/${name}`, ...quiet });
  for (const name of PROGRAMS) await program(tree, { directory: `apps/${name}`, ...quiet });
  for (const name of NATIVE) await native(tree, { directory: `apps/${name}`, ...quiet });
  console.info = silent;
  const need = (path, names) => {
    const text = tree.read(path, 'utf8').replace('dependencies = []', `dependencies = ${JSON.stringify(names)}`);
    tree.write(path, text);
  };
  need('libs/l01/pyproject.toml', ['l02']);
  for (const name of PROGRAMS) need(`apps/${name}/pyproject.toml`, [`l${name.slice(1)}>=0.1`, ...(name === 'p20' ? ['L19'] : [])]);
  tree.write('apps/p05/requirements.lock', `msgpack==1.1.2 --hash=sha256:${'0'.repeat(64)}\n`);
  change(tree, 'apps/p05/project.json', ({ targets }) => (targets['package-linux'].options.requirements = 'apps/p05/requirements.lock'));
  change(tree, 'apps/e01/project.json', (json) => (json.implicitDependencies = ['l03']));
  for (const { path, content } of tree.listChanges().filter((entry) => /^(apps|libs)\//.test(entry.path))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function change(tree, path, edit) {
  const json = JSON.parse(tree.read(path, 'utf8'));
  edit(json);
  tree.write(path, `${JSON.stringify(json, null, 2)}\n`);
}
