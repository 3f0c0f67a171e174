/** Architecture (`x86_64`, `aarch64-musl`, …) → PT_INTERP that every system of that kind has. */
export const STANDARD_LOADERS: Readonly<Record<string, readonly string[]>> = {};
