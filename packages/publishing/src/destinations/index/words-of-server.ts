const LINES = 6;
const CHARACTERS = 400;

/** What a server said, without its markup: a few lines for people. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, '')
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .map((line) =>
      line
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .slice(0, CHARACTERS),
    )
    .filter((line) => line !== '')
    .slice(0, LINES);
}
