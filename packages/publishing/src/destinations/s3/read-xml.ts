const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/**
 * Contents of all elements of a name, in order. For the answers of S3 alone: elements of one name never lie in each other there, and there are no
 * comments, CDATA sections or attributes that count.
 */
export function elements(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, 'g'))].map((match) => match[1]!);
}

/** Text of the first element of a name. */
export function textOf(xml: string, name: string): string | undefined {
  const text = elements(xml, name)[0];
  return text?.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex: string, decimal: string, entity: string) =>
    hex || decimal ? String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)) : (ENTITIES[entity] ?? whole),
  );
}
