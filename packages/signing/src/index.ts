export { sign, signChecksums, signStageOf, type SignStage } from './executors/sign/sign';
export { signOptions, type SignOptions } from './executors/sign/options';
export { signingErrors } from './errors/signing-errors';
