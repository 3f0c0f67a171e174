export { checkRequirements } from './check-requirements';
export { installArguments, installWheels, type InstallWheelsRequest } from './install-wheels';
export { cleanVendor, isOfWheels, type VendorContents } from './clean-vendor';
export { readDistributions } from './read-distributions';
export { rewriteRecords, type Digests } from './rewrite-records';
export type { FileConflict, InstalledDistribution } from './find-conflicts';
export { claimFiles, type ClaimRequest } from './claim-files';
