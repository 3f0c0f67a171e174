export * from './runtime-facts';
export { resolveRuntime } from './resolve-runtime';
export { prepareRuntime } from './preparation/prepare-runtime';
