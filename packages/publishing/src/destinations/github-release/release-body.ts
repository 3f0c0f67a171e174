const begin = (name: string): string => `<!-- waybill ${name} -->`;
const end = (name: string): string => `<!-- /waybill ${name} -->`;
const FILES = /<!-- waybill files:((?: [^\s<>]+)*) -->/g;

/** The body with the section of this project set; what people wrote around it, and the sections of other projects, stay. */
export function withSection(body: string, name: string, text: string): string {
  const section = `${begin(name)}\n${text.trim()}\n${end(name)}`;
  const normal = body.replaceAll('\r\n', '\n');
  const from = normal.indexOf(begin(name));
  const to = normal.indexOf(end(name), from);
  if (from >= 0 && to >= 0) return `${normal.slice(0, from)}${section}${normal.slice(to + end(name).length)}`;
  return normal.trim() === '' ? section : `${normal.trimEnd()}\n\n${section}`;
}

/** Name of the section that says that this project was taken back. */
export const markOf = (name: string): string => `${name} taken back`;

/** Whether any project of the release was taken back. */
export const hasMark = (body: string): boolean => /<!-- waybill [^\n]+ taken back -->/.test(body);

export const hasSection = (body: string, name: string): boolean => body.includes(begin(name));

/** GitHub refuses a longer text of a release. */
const MOST_CHARACTERS = 125_000;
const CUT = '\n\n…';

/**
 * The section of a project whose files are all there: their names stand in it, hidden, so that the others know whose a file is. Of its text as many lines as
 * the release has room for.
 */
export function withFiles(body: string, name: string, text: string, files: readonly string[]): string {
  const names = `<!-- waybill files:${files.map((file) => ` ${file}`).join('')} -->`;
  const words = text.trim();
  const whole = withSection(body, name, `${words}\n${names}`);
  if (whole.length <= MOST_CHARACTERS) return whole;
  const room = words.length - (whole.length - MOST_CHARACTERS) - CUT.length;
  return withSection(body, name, `${wholeLines(words, room)}${CUT}\n${names}`);
}

/** As many whole lines from the start of a text as fit into so many characters. */
export function wholeLines(text: string, characters: number): string {
  const kept = text.slice(0, Math.max(0, characters));
  return kept.slice(0, Math.max(0, kept.lastIndexOf('\n')));
}

/** Names of the files of all projects that have ended their part. */
export const filesInBody = (body: string): readonly string[] =>
  [...body.matchAll(FILES)].flatMap(([, names]) => names!.split(' ').filter((name) => name !== ''));

/** Of one of them. */
export function filesInSection(body: string, name: string): readonly string[] {
  const from = body.indexOf(begin(name));
  return from < 0 ? [] : filesInBody(body.slice(from, body.indexOf(end(name), from)));
}
