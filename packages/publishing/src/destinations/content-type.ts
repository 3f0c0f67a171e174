const TYPES: readonly [RegExp, string][] = [
  [/\.(json|sigstore)$/, 'application/json'],
  [/\.(tar\.gz|tgz)$/, 'application/gzip'],
  [/\.tar\.zst$/, 'application/zstd'],
  [/\.(zip|whl)$/, 'application/zip'],
  [/(SUMS|\.asc|\.minisig|\.sig|\.txt)$/, 'text/plain; charset=utf-8'],
];

/** Media type by name; never one that a browser would run. */
export const contentType = (name: string): string => TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'application/octet-stream';
