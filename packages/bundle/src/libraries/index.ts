export * from './vendor-types';
export { vendorLibraries } from './vendor-libraries';
