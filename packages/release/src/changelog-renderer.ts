/** For `changelog.…Changelog.renderer` of nx.json: `@waybill/release/changelog-renderer`. Nx takes the default export. */
export { WaybillChangelogRenderer as default } from './versioning/waybill-changelog-renderer';
