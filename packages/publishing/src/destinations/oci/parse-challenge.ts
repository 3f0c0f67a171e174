/** What a registry asks for (RFC 7235 §4.1; distribution specification, "Token Authentication"). */
export interface Challenge {
  /** In lower case. */
  scheme: string;
  realm?: string;
  service?: string;
}

/** The first challenge of a `WWW-Authenticate` header that is `Bearer`, else the first `Basic`, else the first of all. */
export function parseChallenge(header: string): Challenge {
  const found = [...header.matchAll(/([A-Za-z]+)\s+((?:[a-z_]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)\s*,?\s*)*)/g)].map(([, scheme, parameters]) => ({
    scheme: scheme!.toLowerCase(),
    ...parametersOf(parameters!),
  }));
  const known = ['bearer', 'basic']
    .map((scheme) => found.find((challenge) => challenge.scheme === scheme))
    .find((challenge) => challenge !== undefined);
  return known ?? found[0] ?? { scheme: header.trim().toLowerCase() };
}

function parametersOf(text: string): { realm?: string; service?: string } {
  const all = [...text.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)].map(([, name, quoted, plain]) => [
    name!,
    quoted?.replace(/\\(.)/g, '$1') ?? plain!,
  ]);
  return Object.fromEntries(all.filter(([name]) => name === 'realm' || name === 'service'));
}
