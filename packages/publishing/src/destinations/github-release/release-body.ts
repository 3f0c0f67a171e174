const begin = (name: string): string => `<!-- waybill ${name} -->`;
const end = (name: string): string => `<!-- /waybill ${name} -->`;

/** The body with the section of this project set; what people wrote around it, and the sections of other projects, stay. */
export function withSection(body: string, name: string, text: string): string {
  const section = `${begin(name)}\n${text.trim()}\n${end(name)}`;
  const normal = body.replaceAll('\r\n', '\n');
  const from = normal.indexOf(begin(name));
  const to = normal.indexOf(end(name), from);
  if (from >= 0 && to >= 0) return `${normal.slice(0, from)}${section}${normal.slice(to + end(name).length)}`;
  return normal.trim() === '' ? section : `${normal.trimEnd()}\n\n${section}`;
}

export const hasSection = (body: string, name: string): boolean => body.includes(begin(name));
