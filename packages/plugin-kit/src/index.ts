export * from './stage-definition';
