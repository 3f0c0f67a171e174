/** What is loaded when a release goes there. */
export { createGithubReleaseDestination, createIndexDestination, createOciDestination, createS3Destination } from '@waybill/publishing';
