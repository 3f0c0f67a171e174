import type { VendoredLibraries, VendorLibrariesRequest } from './vendor-types';

/** Copies into `lib/` what the tree's native files need of the host beyond glibc, with licences. */
export async function vendorLibraries(_request: VendorLibrariesRequest): Promise<VendoredLibraries> {
  throw new Error('not yet');
}
