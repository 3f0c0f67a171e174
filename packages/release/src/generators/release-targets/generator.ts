import { defineGenerator, signingRequest, writeReleaseTargets } from '@waybill/plugin-kit/generators';
import { releaseTargetsOptions } from './options';

export default defineGenerator({
  name: '@waybill/release:release-targets',
  options: releaseTargetsOptions,
  run: (tree, options) => {
    const { project, kind, platforms, destinations, folder, nativeTarget, binary, remove, skipPackageJson } = options;
    return writeReleaseTargets(tree, {
      project,
      remove,
      skipPackageJson,
      ...signingRequest(options),
      ...(kind && { kind }),
      ...(platforms && { platforms }),
      ...(folder !== undefined && { folder }),
      ...(destinations && { destinations }),
      ...(nativeTarget !== undefined && { nativeTarget }),
      ...(binary !== undefined && { binary }),
    });
  },
});
