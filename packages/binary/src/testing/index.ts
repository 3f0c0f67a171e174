/** `@waybill/binary/testing`: made-up binaries and certificates, and pinned files of other people. For tests alone. */
export { buildMachO, type MachORecipe } from './build-macho';
export { buildPe, type PeRecipe } from './build-pe';
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
export { PE_FIXTURES, SIGNED_BY_MICROSOFT } from './fixtures/fixture-list';
