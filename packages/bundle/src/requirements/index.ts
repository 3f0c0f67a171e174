export * from './requirement';
export { normaliseDistribution, parseWheelName } from './wheel-name';
export { chooseWheels, fitWheel } from './wheel-tags';
export { parseRequirements, renderRequirements } from './parse-requirements';
export { installArguments, installWheels, type InstallWheelsRequest } from './install-wheels';
export { cleanVendor, type VendorContents } from './clean-vendor';
export { readDistributions } from './read-distributions';
export { rewriteRecords, type Digests } from './rewrite-records';
export type { FileConflict, InstalledDistribution } from './find-conflicts';
