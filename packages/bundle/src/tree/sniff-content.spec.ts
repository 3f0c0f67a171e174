import { holdsPrivateKey, readShebang, sniffContent } from './sniff-content';

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

it.each([
  ['empty', bytes()],
  ['elf', bytes([0x7f], 'ELF', [2, 1, 1], '\0'.repeat(60))],
  ['script', bytes('#!/bin/sh\n')],
  ['pyc', bytes([0xa7, 0x0d, 0x0d, 0x0a, 1, 0, 0, 0], '12345678', [0xe3, 0, 0])],
  ['zip', bytes('PK\x03\x04rest')],
  ['zip', bytes('PK\x05\x06', '\0'.repeat(18))],
  ['gzip', bytes([0x1f, 0x8b, 8, 0])],
  ['text', bytes('caf\xc3\xa9\tx\n')],
  ['data', bytes([0, 1, 2])],
  ['data', bytes([0xa7, 0x0d, 0x0d, 0x0a, 9, 0, 0, 0], '12345678', [0xe3])],
] as const)('knows %s by its content', (content, head) => {
  expect(sniffContent(head)).toBe(content);
});

it.each([
  ['-----BEGIN PRIVATE KEY-----\n', true],
  ['# mine\r\n-----BEGIN OPENSSH PRIVATE KEY-----\r\n', true],
  ['-----BEGIN CERTIFICATE-----\n', false],
  ['if "-----BEGIN RSA PRIVATE KEY-----" in text', false],
])('%j is a private key: %s', (text, expected) => {
  expect(holdsPrivateKey(bytes(text))).toBe(expected);
});

it('reads the first line with its ending', () => {
  expect(readShebang(bytes('#!/bin/sh\r\necho'))).toBe('#!/bin/sh\r\n');
  expect(readShebang(bytes('#!/bin/sh'))).toBe('#!/bin/sh');
});
