/** The smallest Python application with the targets of packaging and proof, written into a workspace. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = `import json, platform, sys
print(json.dumps({"version": platform.python_version(), "prefix": sys.prefix, "executable": sys.executable, "imports": {"json": json.__file__}}))
`;
const FINGERPRINT = 'node node_modules/@waybill/plugin-kit/dist/fingerprint/print-fingerprint.js';

/**
 * @param {string} root the workspace
 * @param {string} name
 * @param {{runtime?: object, smoke?: object, outside?: string}} [options] `outside`: an interpreter outside of the workspace, told to Nx by an input
 */
export function writeTinyApp(root, name, { runtime = {}, smoke = {}, outside } = {}) {
  const folder = join(root, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'pyproject.toml'), `[project]\nname = "${name}"\nversion = "1.0.0"\n`);
  writeFileSync(join(folder, 'main.py'), MAIN);
  const common = [
    { dependentTasksOutputFiles: '**/artifacts.json', transitive: true },
    'waybillTools',
    { env: 'NX_DRY_RUN' },
    { env: 'WAYBILL_DRY_RUN' },
  ];
  const plugin = { externalDependencies: ['@waybill/bundle'] };
  const project = {
    name,
    targets: {
      'package-linux': {
        executor: '@waybill/bundle:package-dist',
        cache: true,
        inputs: ['default', ...common, plugin, ...(outside === undefined ? [] : [{ runtime: `${FINGERPRINT} ${outside}` }])],
        outputs: ['{workspaceRoot}/dist/{projectRoot}/package-linux'],
        options: { entry: { script: `${name}/main.py` }, prune: { preset: 'small' }, runtime },
      },
      'smoke-linux': {
        executor: '@waybill/bundle:relocatability-smoke',
        cache: true,
        inputs: [...common, plugin],
        dependsOn: ['package-linux'],
        outputs: ['{workspaceRoot}/dist/{projectRoot}/smoke-linux'],
        options: smoke,
      },
    },
  };
  writeFileSync(join(folder, 'project.json'), `${JSON.stringify(project, null, 2)}\n`);
}
