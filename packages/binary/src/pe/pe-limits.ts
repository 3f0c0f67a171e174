/** How much of anything a file may hold. Each limit lies far above real files and far below what would make a reader slow. */
export const PE_LIMITS = {
  /** Sections. Linkers merge to about ten, MinGW's debugging files have 20; Windows up to XP refused more than 96. */
  sections: 4_096,
  /** Libraries. Real files have 3 to 60. */
  libraries: 4_096,
  /** Imported symbols of all libraries together. An extension module has 50 to 3,000, the largest programs 10,000; lists may overlap in the file. */
  symbols: 250_000,
  /** Bytes of one name. Mangled C++ names reach 4 KiB, which is also where compilers cut them. */
  nameBytes: 16_384,
  /** Bytes of all names together. Those of the largest programs have 2 MiB. */
  decodedNameBytes: 32 * 1024 * 1024,
  /** Exported functions. Ordinals have 16 bits. */
  exports: 65_536,
  /** Resource types. Windows defines 24; programs add a few of their own. */
  resourceTypes: 4_096,
  /** Bytes of the certificate table. A signature has 8 to 20 KiB; those of installers with every page's hash reach some MiB. */
  certificateBytes: 16 * 1024 * 1024,
  /** Certificate entries. Real files have one; a second signature is nested in it. */
  certificates: 64,
} as const;
