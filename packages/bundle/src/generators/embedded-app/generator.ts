import { createProcesses } from '@waybill/core';
import { createProject, defineGenerator, unittestTarget } from '@waybill/plugin-kit/generators';
import { cargoTarget, embeddedAppFiles } from './files';
import { lockCrates } from './lock-crates';
import { embeddedAppOptions } from './options';

export default defineGenerator({
  name: '@waybill/bundle:embedded-app',
  options: embeddedAppOptions,
  run: (tree, options) => {
    const made = createProject(
      tree,
      { kind: 'embedded-app', files: embeddedAppFiles, targets: (project) => ({ build: cargoTarget(project), test: unittestTarget(project) }) },
      options,
    );
    const request = { workspaceRoot: tree.root, root: made.root, processes: createProcesses(), environment: process.env };
    return { ...made, afterwards: () => lockCrates(request) };
  },
});
