export { gpgHome, type GpgHome } from './gpg-home';
export { toolWorks } from './run-tool';
export * from './sigstore-stand-in';
