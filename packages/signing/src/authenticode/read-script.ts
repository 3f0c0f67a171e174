import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { verifyAuthenticodeBlob } from '@waybill/binary';
import { readPeFile, type PeReadingOfFile } from './read-pe-file';

/** Scripts of PowerShell whose signature is a comment at their end. */
const SCRIPT = /\.(ps1|psm1|psd1)$/i;
/** Git and builds of wheels may have made LF of its line ends: it is a signature still, which holds no more. */
const BEGIN = /\r?\n# SIG # Begin signature block\r?\n/;
const LAST_LINE = '# SIG # End signature block';
const END = /^# SIG # End signature block(\r?\n|$)/m;
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
  if ('reason' in signature)
    return signature.losesText
      ? { broken: `it is a script in which ${signature.reason}` }
      : { digest, verification: { malformed: signature.reason } };
  const verified = verifyAuthenticodeBlob(signature.bytes, digestOf, { now });
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
  const begin = BEGIN.exec(text);
  return begin ? { content: text.slice(0, begin.index), block: text.slice(begin.index + begin[0].length) } : { content: text };
}

/**
 * Bytes of the signature, or why there are none. A tool that signs takes off everything from the beginning of the block: `losesText` when that is more
 * than a signature.
 */
function signatureIn(block: string): { bytes: Buffer } | { reason: string; losesText: boolean } {
  const end = END.exec(block);
  const [inside, behind] = end ? [block.slice(0, end.index), block.slice(end.index + end[0].length)] : [block, ''];
  if (behind.trim() !== '') return { reason: 'text stands behind the signature', losesText: true };
  const lines = inside.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (!lines.every((line) => LINE.test(line) || LAST_LINE.startsWith(line)))
    return { reason: 'something else stands where the signature should', losesText: true };
  if (!end || lines.some((line) => !LINE.test(line))) return { reason: 'its signature has no end', losesText: false };
  return { bytes: Buffer.from(lines.map((line) => line.slice(2)).join(''), 'base64') };
}
