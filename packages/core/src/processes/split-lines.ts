import { StringDecoder } from 'node:string_decoder';

/** A listener for chunks of UTF-8 that calls back with each whole line, without its end. What follows the last line end is not given. */
export function splitLines(onLine: (line: string) => void): (chunk: Uint8Array) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  };
}
