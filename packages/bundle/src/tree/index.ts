export { readBundleFacts, type ReadBundleFactsOptions } from './read-bundle-facts';
export { LeakScanner } from './scan-leaks';
