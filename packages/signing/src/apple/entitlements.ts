import { signingErrors } from '../errors/signing-errors';

/** Lets a program load libraries of other teams. */
const FOREIGN_LIBRARIES = 'com.apple.security.cs.disable-library-validation';
export const NO_ENTITLEMENTS = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n</dict>\n</plist>\n';

const DICTIONARY = /<plist\b[^>]*>\s*(?:<!--[^]*?-->\s*)*(?:<dict\s*\/>|<dict>[^]*<\/dict>)\s*<\/plist>/;

/** The text of a file of entitlements, checked as far as a text can be (`SIGN_ENTITLEMENTS`). */
export function readEntitlements(text: string, file: string): string {
  if (text.startsWith('bplist')) throw signingErrors.error('SIGN_ENTITLEMENTS', { file, reason: 'it is a binary property list' });
  if (!DICTIONARY.test(text)) throw signingErrors.error('SIGN_ENTITLEMENTS', { file, reason: 'there is no dictionary of a property list in it' });
  return text;
}

/** Pure. The same with library validation off. */
export function withForeignLibraries(text: string): string {
  if (new RegExp(`<key>\\s*${FOREIGN_LIBRARIES.replaceAll('.', '\\.')}\\s*</key>\\s*<true\\s*/>`).test(text)) return text;
  const added = `\t<key>${FOREIGN_LIBRARIES}</key>\n\t<true/>\n`;
  if (/<dict\s*\/>\s*<\/plist>/.test(text)) return text.replace(/<dict\s*\/>(?=\s*<\/plist>)/, `<dict>\n${added}</dict>`);
  const end = text.lastIndexOf('</dict>');
  return `${text.slice(0, end)}${added}${text.slice(end)}`;
}

/** Tools write property lists anew: what they say, without how it is written. */
export const comparable = (text: string): string =>
  text
    .replace(/<\?xml[^]*?\?>|<!DOCTYPE[^>]*>|<!--[^]*?-->/g, '')
    .replace(/\s*(<[^>]+>)\s*/g, (_, tag: string) => tag.replace(/\s*\/>$/, '/>'))
    .replace('<dict></dict>', '<dict/>')
    .trim();
