export * from './define-generator';
export * from './generator-errors';
export * from './generator-tree';
export * from './read-json-file';
export * from './workspace/init-workspace';
export { ROOT_PACKAGES, waybillVersion } from './workspace/add-packages';
