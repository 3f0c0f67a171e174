export * from './stage-definition';
export * from './nx-context';
export * from './define-executor';
export * from './options/common-options';
