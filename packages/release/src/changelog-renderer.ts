import { WaybillChangelogRenderer } from './versioning/waybill-changelog-renderer';

/** For `changelog.projectChangelogs.renderer` of nx.json: `@waybill/release/changelog-renderer`. */
export default WaybillChangelogRenderer;
