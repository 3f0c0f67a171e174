export * from './runtime-facts';
export { resolveRuntime } from './resolve-runtime';
export { prepareRuntime, startRuntime, type StartedRuntime } from './preparation/prepare-runtime';
export { compileBytecode, type CompileRequest } from './preparation/compile-bytecode';
export { PRUNE_RULES, type PruneRule } from './preparation/selection/prune-table';
