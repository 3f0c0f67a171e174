/** For `release.version.versionActions` of nx.json: `@waybill/release/version-actions`. Nx takes the default export. */
export { PythonVersionActions as default } from './versioning/python-version-actions';
