import { readJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { skipUnless } from '@waybill/core/testing';
import embeddedApp from './embedded-app/generator';
import pythonApp from './python-app/generator';

// Bundles are made on Linux only yet, and the generators say so elsewhere.
const onLinux = skipUnless(process.platform === 'linux', 'bundles are made on Linux');

onLinux('a Python program starts its module, answers the proof, and carries its own wheel', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await pythonApp(tree, { directory: 'apps/hello', skipFormat: true });
  const { targets } = readJson(tree, 'apps/hello/project.json');
  expect(targets['package-linux']).toMatchObject({ dependsOn: ['build-wheel', '^build-wheel'], options: { entry: { module: 'hello' } } });
  expect(tree.read('apps/hello/src/hello/__main__.py', 'utf8')).toContain('"--smoke-python"');
  expect(tree.read('apps/hello/README.md', 'utf8')).toContain('--generate-hashes');
});

onLinux('a native program is packaged as its build makes it', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await embeddedApp(tree, { directory: 'apps/my.chat', skipFormat: true });
  const { targets } = readJson(tree, 'apps/my.chat/project.json');
  expect(targets.build.outputs).toEqual(['{projectRoot}/target/release/my-chat']);
  expect(targets['package-linux']).toMatchObject({
    dependsOn: ['^build-wheel', 'build'],
    options: { binary: 'apps/my.chat/target/release/my-chat' },
  });
  expect(tree.read('apps/my.chat/.gitignore', 'utf8')).toContain('target/');
  expect(tree.read('apps/my.chat/Cargo.toml', 'utf8')).toMatch(/name = "my-chat"[\s\S]*pyo3/);
});
