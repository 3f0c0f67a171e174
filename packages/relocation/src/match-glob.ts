/** Does the path in the bundle match the glob: `*` within a part, `**` over parts, `?` one character, `{a,b}` alternatives. */
export function matchGlob(_glob: string, _path: string): boolean {
  throw new Error('not yet');
}
