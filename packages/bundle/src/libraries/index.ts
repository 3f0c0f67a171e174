export * from './vendor-types';
export { DESKTOP, idleEntries, isFromHost, isOfDesktop } from './host-provided';
export { librariesFromHost, vendorLibraries } from './vendor-libraries';
