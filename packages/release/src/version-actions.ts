import { PythonVersionActions } from './versioning/python-version-actions';

/** For `release.version.versionActions` of nx.json: `@waybill/release/version-actions`. */
export default PythonVersionActions;
