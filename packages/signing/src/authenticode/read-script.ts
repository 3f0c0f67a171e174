import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { verifyAuthenticodeBlob } from '@waybill/binary';
import { readPeFile, type PeReadingOfFile } from './read-pe-file';

/** Scripts of PowerShell whose signature is a comment at their end. */
const SCRIPT = /\.(ps1|psm1|psd1)$/i;
const BEGIN = '\r\n# SIG # Begin signature block\r\n';
const END = '# SIG # End signature block\r\n';
const LINE = /^# [A-Za-z0-9+/=]+$/;
/** The largest modules that anybody ships have 2 MiB. */
const MOST_BYTES = 32 * 1024 * 1024;
const BOM_UTF16 = [0xff, 0xfe];

/** What Authenticode can sign: PE files by their content, scripts by the ending of `name`. */
export const readSignable = (path: string, now: number, name: string): PeReadingOfFile =>
  readPeFile(path, now) ?? (SCRIPT.test(name) ? readScript(path, now) : undefined);

/** A script without anything in it is none. */
function readScript(path: string, now: number): PeReadingOfFile {
  const { size } = statSync(path);
  if (size > MOST_BYTES) return { broken: `it is a script of ${size} bytes, at most ${MOST_BYTES} are read` };
  const text = decode(readFileSync(path));
  if (text === undefined) return { broken: 'it is a script in another encoding than UTF-8 or UTF-16: save it as UTF-8 with a byte order mark' };
  if (text.trim() === '') return undefined;
  const { content, block } = split(text);
  const digestOf = (algorithm: string): string => createHash(algorithm).update(content, 'utf16le').digest('hex');
  const digest = digestOf('sha256');
  if (block === undefined) return { digest, verification: { problems: [], signatures: [] } };
  const signature = signatureIn(block);
  if (typeof signature === 'string') return { digest, verification: { malformed: signature } };
  const verified = verifyAuthenticodeBlob(signature, digestOf, { now });
  return { digest, verification: verified.ok ? verified.facts : { malformed: verified.refusal.message } };
}

/** With its byte order mark, which the digest covers; `undefined`: neither encoding. */
function decode(bytes: Buffer): string | undefined {
  if (BOM_UTF16.every((byte, at) => bytes[at] === byte)) return bytes.length % 2 === 0 ? bytes.toString('utf16le') : undefined;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

/** The first block ends what PowerShell takes for signed. */
function split(text: string): { content: string; block?: string } {
  const at = text.indexOf(BEGIN);
  return at < 0 ? { content: text } : { content: text.slice(0, at), block: text.slice(at + BEGIN.length) };
}

/** Bytes of the signature, or why there are none. Behind it nothing is covered, so nothing may stand there. */
function signatureIn(block: string): Buffer | string {
  const end = block.indexOf(END);
  if (end < 0) return 'its signature has no end';
  if (end + END.length !== block.length) return 'there is text behind its signature';
  const lines = block.slice(0, end).split('\r\n').slice(0, -1);
  return lines.every((line) => LINE.test(line)) ? Buffer.from(lines.map((line) => line.slice(2)).join(''), 'base64') : 'its signature is no base64';
}
