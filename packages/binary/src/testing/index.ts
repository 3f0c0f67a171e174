/** `@waybill/binary/testing`: made-up binaries and certificates, and pinned files of other people. For tests alone. */
export { buildPe, type PeRecipe } from './build-pe';
export { buildInstaller, canBuildInstaller } from './build-installer';
export { buildMachO, buildUniversal, type MachORecipe } from './build-macho';
export { buildSignedMachO, signDiskImage, type SignatureRecipe } from './build-macho-signature';
export { makeAppleCms, type AppleCmsRecipe } from './cms/make-apple-cms';
export {
  makeAuthorities,
  makeCertificate,
  pemOf,
  CODE_SIGNING,
  DAY_MS,
  TIME_STAMPING,
  type Authorities,
  type Identity,
} from './cms/make-certificate';
export { canFetchFixtures, fetchFixture, filesOf } from './fixtures/fetch-fixture';
export { PE_FIXTURES, SIGNED_BY_CODESIGN, SIGNED_BY_MICROSOFT, SIGNED_BY_RCODESIGN } from './fixtures/fixture-list';
