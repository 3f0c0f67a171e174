import type { ReadMembers } from './read-members';

export interface TextFault {
  path: string;
  message: string;
}

/** Parses a member that was kept as text. Bytes that are not UTF-8 are a fault, and read with replacements. */
export function readText<T extends { faults: readonly string[] }>(
  { texts }: Pick<ReadMembers, 'texts'>,
  path: string,
  parse: (text: string) => T,
  faults: TextFault[],
): T | undefined {
  const bytes = texts.get(path);
  if (bytes === undefined) return undefined;
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) faults.push({ path, message: 'is not UTF-8' });
  const parsed = parse(text);
  faults.push(...parsed.faults.map((message) => ({ path, message })));
  return parsed;
}
