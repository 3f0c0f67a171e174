/** `@waybill/plugin-kit/testing`: runs an executor as Nx would, with made-up programs, tools and upstream targets. */
export * from './build-workspace';
export * from './fake-processes';
export * from './fake-tools';
export * from './run-executor';
export { FINGERPRINT_COMMAND } from '../fingerprint/check-fingerprint';
export { noteMadeHere } from '../upstream/made-here';
