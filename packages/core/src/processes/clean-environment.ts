export function cleanEnvironment(_source: Readonly<Record<string, string | undefined>>, _passEnv: readonly string[], _extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  throw new Error('not yet');
}
