export { packageDist } from './executors/package-dist/package-dist';
export { packageDistOptions, type PackageDistOptions } from './executors/package-dist/options';
export { prepareRuntimeStage } from './executors/prepare-runtime/prepare-runtime';
export { prepareRuntimeOptions, type PrepareRuntimeOptions } from './executors/prepare-runtime/options';
export { relocatabilitySmoke } from './executors/relocatability-smoke/relocatability-smoke';
export { relocatabilitySmokeOptions, type RelocatabilitySmokeOptions } from './executors/relocatability-smoke/options';
export { runProof } from './proof';
export { bundleErrors } from './errors/bundle-errors';
