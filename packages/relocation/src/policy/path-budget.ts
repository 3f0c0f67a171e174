/**
 * Bytes of a path in the bundle. A tar header without extensions holds 256 bytes (ustar: prefix and name) for the archive's top folder and the path together; a Windows program that
 * does not opt out has 260 characters for the folder where the user unpacks and the path together.
 */
export const PATH_BUDGET_BYTES: Readonly<Record<string, number>> = { linux: 240, macos: 240, windows: 180 };
