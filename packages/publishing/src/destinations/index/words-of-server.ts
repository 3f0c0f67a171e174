import { jsonOf } from '@waybill/core';

const LINES = 6;
const CHARACTERS = 400;

/** What a server said, without its markup, of JSON its message: a few lines for people. */
export function wordsOf(text: string): readonly string[] {
  return messageOf(text)
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

/** As devpi, Artifactory and GitLab have it. */
function messageOf(text: string): string {
  const { message, error } = (jsonOf(text) ?? {}) as { message?: unknown; error?: unknown };
  return [message, error].find((said) => typeof said === 'string') ?? text;
}
