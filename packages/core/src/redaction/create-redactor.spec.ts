import { inspect, format } from 'node:util';
import { createRedactor } from './create-redactor';
import { Secret } from './secret';

const VALUE = 'pä+ss w/ö"rd\n?&!';

describe('createRedactor', () => {
  const redact = createRedactor([VALUE, new Secret('tok_12345')]);

  it.each<[string, string]>([
    ['raw', VALUE],
    ['URL-encoded', encodeURIComponent(VALUE)],
    ['URL-encoded in lower case', encodeURIComponent(VALUE).replace(/%../g, (escape) => escape.toLowerCase())],
    ['as a form field', new URLSearchParams({ a: VALUE }).toString().slice(2)],
    ['JSON-escaped', JSON.stringify(VALUE).slice(1, -1)],
    ['JSON-escaped to ASCII', JSON.stringify(VALUE).slice(1, -1).replaceAll('ä', '\\u00e4').replaceAll('ö', '\\u00f6')],
    ['from a Secret', 'tok_12345'],
  ])('hides a secret that stands there %s', (_, text) => {
    expect(redact(`before ${text} behind`)).toBe('before ****** behind');
  });

  it.each([0, 1, 2, 3, 4, 5])('hides a secret in base64 behind %i other bytes', (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = Buffer.from(`${'u'.repeat(before)}tok_12345:x`).toString(encoding);
      const hidden = redact(text);
      expect(hidden).toContain('******');
      // what is left decodes to no more than a byte at either edge
      for (const piece of hidden.split('******')) expect(Buffer.from(piece, encoding).toString('latin1')).not.toMatch(/tok|345/);
    }
  });

  it('hides every occurrence and leaves the rest byte for byte', () => {
    expect(redact('tok_12345tok_12345\t tok_1234 \r\n')).toBe('************\t tok_1234 \r\n');
  });

  it('hides the lines of a key of several lines', () => {
    const key = '-----BEGIN-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7\n-----END-----';
    expect(createRedactor([key])('at AASCBKcwggSjAgEAAoIBAQC7 of')).toBe('at ****** of');
  });

  it('hides the longer of two secrets of which one holds the other', () => {
    expect(createRedactor(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe('****** ******');
  });

  it('hides a secret without the white space round it, too', () => {
    expect(createRedactor([' s3cr3t\n', ' a \n '])('use s3cr3t, or  s3cr3t\n; a b')).toBe('use ******, or ******; a b');
  });

  it('takes no character of a secret for a pattern', () => {
    expect(createRedactor(['a.*b', '[x-z]', '(((('])('a.*b aXXb [x-z] y ((((')).toBe('****** aXXb ****** y ******');
  });

  it.each([
    ['abc', 'a secret of 3 characters is not redacted: shorter than 4 it would be found everywhere'],
    [' ab ', 'a secret of 2 characters is not redacted: shorter than 4 it would be found everywhere'],
    ['', 'an empty secret is not redacted'],
  ])('refuses the secret %p and says why, without telling it', (value, reason) => {
    const refusing = createRedactor([value]);
    expect(refusing('abc abc')).toBe('abc abc');
    expect(refusing.refused).toEqual([reason]);
  });

  it('changes nothing when there is nothing to hide', () => {
    expect(createRedactor([])('text')).toBe('text');
    expect(createRedactor(['long enough']).refused).toEqual([]);
  });
});

describe('Secret', () => {
  const secret = new Secret('geheim');

  it.each<[string, string]>([
    ['as text', `${String(secret)}`],
    ['in a template', `${secret as unknown as string}`],
    ['added to text', '' + (secret as unknown as string)],
    ['by inspect', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['by format', format('%s %o %j', secret, secret, secret)],
    ['as JSON', JSON.stringify({ secret })],
    ['as its own keys', JSON.stringify(Object.entries(secret))],
    ['as a copy', JSON.stringify({ ...secret })],
    ['in an error', new Error(`${String(secret)}`, { cause: secret }).message],
  ])('does not show itself %s', (_, text) => {
    expect(text).not.toContain('geheim');
  });

  it('prints as stars and gives itself when asked', () => {
    expect(String(secret)).toBe('******');
    expect(JSON.stringify({ secret })).toBe('{"secret":"******"}');
    expect(inspect(secret)).toBe('******');
    expect(secret.reveal()).toBe('geheim');
  });
});
