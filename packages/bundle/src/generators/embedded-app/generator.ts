import { createProject, defineGenerator, unittestTarget } from '@waybill/plugin-kit/generators';
import { cargoTarget, embeddedAppFiles } from './files';
import { embeddedAppOptions } from './options';

export default defineGenerator({
  name: '@waybill/bundle:embedded-app',
  options: embeddedAppOptions,
  run: (tree, options) =>
    createProject(
      tree,
      { kind: 'embedded-app', files: embeddedAppFiles, targets: (project) => ({ build: cargoTarget(project), test: unittestTarget(project) }) },
      options,
    ),
});
