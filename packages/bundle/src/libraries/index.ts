export * from './vendor-types';
export { DESKTOP, idleEntries, isOfDesktop } from './host-provided';
export { librariesFromHost, vendorLibraries } from './vendor-libraries';
