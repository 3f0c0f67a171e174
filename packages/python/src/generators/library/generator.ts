import { createProject, defineGenerator, unittestTarget } from '@waybill/plugin-kit/generators';
import { libraryFiles } from './files';
import { libraryOptions } from './options';

export default defineGenerator({
  name: '@waybill/python:library',
  options: libraryOptions,
  run: (tree, options) =>
    createProject(tree, { kind: 'library', files: libraryFiles, targets: (project) => ({ test: unittestTarget(project) }) }, options),
});
