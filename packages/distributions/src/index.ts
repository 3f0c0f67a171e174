export * from './distribution-facts';
export * from './metadata/core-metadata';
