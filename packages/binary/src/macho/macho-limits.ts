/** How much of anything a file may hold. Each limit lies far above real files and far below what would make a reader slow. */
export const MACHO_LIMITS = {
  /** Architectures of a universal file. Files for all that Apple ever supported had five; file(1) draws the line to Java classes at 42. */
  slices: 42,
  /** Bytes of the load commands. Real files have 1 to 8 KiB; a library that loads 1,000 others needs about 100 KiB. */
  commandBytes: 1024 * 1024,
  /** Symbols of one slice, and bytes of their names. XUL of Firefox, with all local ones, has less than a million. */
  symbols: 4_000_000,
  symbolNameBytes: 512 * 1024 * 1024,
  /** Bytes of one path, its end not counted: PATH_MAX of macOS, above which dyld opens nothing. */
  pathBytes: 1_024,
} as const;
