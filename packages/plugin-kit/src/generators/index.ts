export * from './define-generator';
export * from './generator-errors';
export * from './generator-tree';
export * from './read-json-file';
export * from './workspace/init-workspace';
export { ROOT_PACKAGES, waybillVersion } from './workspace/add-packages';
export * from './targets/write-release-targets';
export { type Signing } from './targets/signing-options';
export * from './targets/release-options';
