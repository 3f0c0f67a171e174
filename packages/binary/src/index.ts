export * from './elf-facts';
export * from './byte-source';
