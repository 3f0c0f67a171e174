/** How much of anything a file may hold. Each limit lies far above real files and far below what would make a reader slow. */
export const ELF_LIMITS = {
  /**
   * Bytes of the program header table. Linux refuses a program whose table is above 64 KiB (fs/binfmt_elf.c); real files have 4 to 15 headers of 56 bytes.
   */
  programHeaderBytes: 65_536,
  /** Entries up to DT_NULL. Real files have about 30 plus one per needed library; component builds of browsers need about 500 libraries. */
  dynamicEntries: 65_536,
  /** Dynamic symbols. libclang-cpp and libtorch export about 200,000, the largest libpython 3,000. */
  symbols: 1_000_000,
  /**
   * Bytes of all names decoded for one file. A million symbols that all point to the start of one 10 MB name would decode 10 TB; the largest
   * string tables of real libraries hold about 30 MB.
   */
  decodedNameBytes: 64 * 1024 * 1024,
  /** Bytes of PT_INTERP. Linux refuses more than PATH_MAX. */
  interpreterBytes: 4_096,
  /** Bytes of one note segment. Real ones hold a build id, properties and at most a package note: below 1 KiB. */
  noteBytes: 1024 * 1024,
  /**
   * Versions wanted and defined, together. A symbol names its version by 15 bits; libc.so.6 defines about 50. Entries may overlap in the file, so without this limit 65,535 lists of
   * 65,535 versions fit into a small one.
   */
  versions: 32_768,
  /** Entries of the section table that are looked at one by one. Linked files have about 40; objects with a section per function reach 65,000. */
  sections: 65_536,
  /** Relocations looked through for the number of symbols, when no hash table tells it. Chromium has about 2 million, nearly all of them relative and skipped. */
  relocations: 4_000_000,
} as const;
