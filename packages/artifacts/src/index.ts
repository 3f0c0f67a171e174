export * from './artifact-record';
export * from './tree-manifest';
