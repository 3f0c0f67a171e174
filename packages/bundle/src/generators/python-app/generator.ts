import { createProject, defineGenerator, unittestTarget } from '@waybill/plugin-kit/generators';
import { pythonAppFiles } from './files';
import { pythonAppOptions } from './options';

export default defineGenerator({
  name: '@waybill/bundle:python-app',
  options: pythonAppOptions,
  run: (tree, options) =>
    createProject(tree, { kind: 'python-app', files: pythonAppFiles, targets: (project) => ({ test: unittestTarget(project) }) }, options),
});
