export * from './elf-facts';
export * from './byte-source';
export * from './sniff-binary';
export { readElf, type ReadElfOptions } from './elf/read-elf';
