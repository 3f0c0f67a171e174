export { packageDist } from './executors/package-dist/package-dist';
export { packageDistOptions, type PackageDistOptions } from './executors/package-dist/options';
export * from './requirements';
export * from './sealing';
export { bundleErrors } from './errors/bundle-errors';
