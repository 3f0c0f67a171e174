/** What may follow a folder's path when the folder itself is meant. */
const BOUNDARY = '(?=["\'/\\\\#?&@:;,\\s)]|$)';

/**
 * Puts `.` for every build folder in a text, spelt as a path, as JSON writes it and as a URL does. Longer folders first, so that a folder inside another is
 * replaced whole.
 */
export function replaceBuildPaths(text: string, buildPaths: readonly string[]): string {
  const spellings = buildPaths.flatMap((path) => {
    const plain = path.replace(/[/\\]+$/, '');
    return plain === '' ? [] : [plain, JSON.stringify(plain).slice(1, -1), encodeURI(plain), plain.replaceAll('/', '%2F')];
  });
  return [...new Set(spellings)]
    .sort((a, b) => b.length - a.length)
    .reduce(
      (changed, path) =>
        changed.replace(new RegExp(`${escaped(path)}${BOUNDARY}`, 'g'), '.').replace(new RegExp(`${escaped(path)}(?=%2F)`, 'g'), '.'),
      text,
    );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
