import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { verifyAuthenticodeBlob } from '@waybill/binary';
import { readInstaller } from './installers/read-installer';
import { readPeFile, type PeFile } from './read-pe-file';

/** Scripts of PowerShell whose signature is a comment at their end. */
const SCRIPT = /\.(ps1|psm1|psd1)$/i;
/** As osslsigncode finds it: the first line that begins so. It takes everything from there on for a signature. */
const BEGIN = /(\r?\n|^\ufeff?)# SIG # Begin signature block([^\r\n]*)(\r?\n|$)/;
const END = '# SIG # End signature block';
const LINE = /^# [A-Za-z0-9+/=]+$/;
/** All lines but the last have as many letters. */
const WHOLE_LINE = /^# [A-Za-z0-9+/]{64}$/;
/** The largest modules that anybody ships have 2 MiB. */
const MOST_BYTES = 32 * 1024 * 1024;
const FEWEST_BYTES = 4;
const BOM_UTF16 = [0xff, 0xfe];

/** Of a script `digest` and `verification` are those of its text. */
export type SignableFile = PeFile & { script?: true };

/** `broken`: it is damaged, or signing would drop a part of it; `unsignable`: a script that is no worse for staying as it is. */
export type SignableReading = SignableFile | { broken: string } | { unsignable: string } | undefined;

/** What Authenticode can sign: PE files by their content, installers by both, scripts by the ending of `name`. */
export const readSignable = (path: string, now: number, name: string): SignableReading =>
  readPeFile(path, now) ?? readInstaller(path, now, name) ?? (SCRIPT.test(name) ? readScript(path, now) : undefined);

/** A script without anything in it is none. */
function readScript(path: string, now: number): SignableReading {
  const { size } = statSync(path);
  if (size > MOST_BYTES) return { broken: `it is a script of ${size} bytes, at most ${MOST_BYTES} are read` };
  const text = decode(readFileSync(path));
  if (text === undefined) return { unsignable: 'it is a script in another encoding than UTF-8 or UTF-16' };
  if (text.trim() === '') return undefined;
  const parts = split(text);
  if ('broken' in parts) return parts;
  const signature = parts.block === undefined ? undefined : signatureIn(parts.block, parts.isCrlf);
  if (signature && 'broken' in signature) return signature;
  if (Buffer.byteLength(parts.content) < FEWEST_BYTES) return { unsignable: `osslsigncode signs no file below ${FEWEST_BYTES} bytes` };
  const digestOf = (algorithm: string): string => createHash(algorithm).update(parts.content, 'utf16le').digest('hex');
  const file = { script: true as const, digest: digestOf('sha256') };
  if (signature === undefined) return { ...file, verification: { problems: [], signatures: [] } };
  if ('malformed' in signature) return { ...file, verification: signature };
  const verified = verifyAuthenticodeBlob(signature.bytes, digestOf, { now });
  return { ...file, verification: verified.ok ? verified.facts : { malformed: verified.refusal.message } };
}

const isWide = (bytes: Buffer): boolean => BOM_UTF16.every((byte, at) => bytes[at] === byte);

/** With its byte order mark, which the digest covers; `undefined`: neither encoding. */
function decode(bytes: Buffer): string | undefined {
  if (isWide(bytes)) return bytes.length % 2 === 0 ? bytes.toString('utf16le') : undefined;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

/**
 * Takes the signature off a script that is to get another one; nothing happens to what has none, or is no script. Left to osslsigncode, a letter too much
 * or too little goes where line ends differ.
 */
export function removeSignature(file: string, name: string): void {
  if (!SCRIPT.test(name)) return;
  const bytes = readFileSync(file);
  const parts = split(decode(bytes) ?? '');
  if ('block' in parts) writeFileSync(file, parts.content, isWide(bytes) ? 'utf16le' : 'utf8');
}

interface ScriptParts {
  content: string;
  /** What stands below the begin line of a signature. */
  block?: string;
  /** Around the begin line. */
  isCrlf: boolean;
}

/** The first block ends what PowerShell takes for signed. */
function split(text: string): ScriptParts | { broken: string } {
  const found = BEGIN.exec(text);
  if (found === null) return { content: text, isCrlf: true };
  const [line, before, more, end] = found;
  const content = text.slice(0, found.index);
  if (content.trim() === '') return { broken: 'nothing stands before its signature' };
  if (more !== '') return { broken: `the begin line of its signature goes on with \`${more!.trim().slice(0, 40)}\`` };
  return { content, block: text.slice(found.index + line.length), isCrlf: before === '\r\n' && end === '\r\n' };
}

/** `malformed` can go without loss: it is nothing but a signature. Behind it nothing is covered, so nothing may stand there. */
function signatureIn(block: string, isCrlf: boolean): { bytes: Buffer } | { malformed: string } | { broken: string } {
  const lines = block.split(/\r?\n/);
  const end = lines.indexOf(END);
  if (end < 0) return isTorn(lines) ? { malformed: 'its signature has no end' } : { broken: 'what follows its begin line is no signature alone' };
  const inner = lines.slice(0, end);
  const behind = lines.slice(end + 1);
  if (!inner.every((line) => LINE.test(line))) return { broken: 'what follows its begin line is no signature alone' };
  if (behind.some((line) => line.trim() !== '')) return { broken: 'there is text behind its signature' };
  if (!isCrlf || lines.join('\r\n') !== block) return { malformed: 'its lines do not end with CRLF, as those of signatures do' };
  if (behind.length !== 1 || behind[0] !== '') return { malformed: 'its signature does not end with the end of its last line' };
  return { bytes: Buffer.from(inner.map((line) => line.slice(2)).join(''), 'base64') };
}

/** Cut off within the signature: whole lines of it, perhaps its last one, and what is left of the next. */
function isTorn(lines: readonly string[]): boolean {
  const rest = lines.at(-1)!.replace(/\r$/, '');
  const isWhole = (line: string, at: number): boolean => (at > 0 && at === lines.length - 2 ? LINE : WHOLE_LINE).test(line);
  return lines.length > 1 && lines.slice(0, -1).every(isWhole) && (LINE.test(rest) || END.startsWith(rest) || rest === '');
}
