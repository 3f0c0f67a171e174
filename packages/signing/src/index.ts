export { sign, signChecksums, signStageOf, type SignStage } from './executors/sign/sign';
export { signOptions, type SignOptions } from './executors/sign/options';
export { notarize, type NotarizeStage } from './executors/notarize/notarize';
export { notarizeOptions, type NotarizeOptions } from './executors/notarize/options';
export { signingErrors } from './errors/signing-errors';
export { notarizeErrors } from './errors/notarize-errors';
