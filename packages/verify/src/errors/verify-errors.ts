import { defineCatalog } from '@waybill/core';

/** What keeps a delivery from being checked at all: exit code 2. What is wrong with a delivery is a finding, not an error. */
export const verifyErrors = defineCatalog({
  VERIFY_TARGET: (a: { path: string; actual: string }) => ({
    message: `\`${a.path}\` is no delivery`,
    details: ['expected a folder with the downloaded files, or a zip file of it', `actual ${a.actual}`],
    fix: 'put the files, the sums file and its signature in one folder, and name that folder',
  }),
  VERIFY_ARGUMENT: (a: { argument: string; known: readonly string[] }) => ({
    message: `\`${a.argument}\` is no option of this command`,
    details: [`expected one of ${a.known.join(', ')}`],
    fix: 'run `npx @waybill/verify --help`',
  }),
  VERIFY_VALUE: (a: { argument: string; expected: string }) => ({
    message: `\`${a.argument}\` is not what is expected here`,
    details: [`expected ${a.expected}`],
    fix: 'run `npx @waybill/verify --help`',
  }),
  VERIFY_KEY: (a: { source: string; reason: string }) => ({
    message: `${a.source} is no key that can be used: ${a.reason}`,
    details: [
      'expected a public key of minisign (`RW…`), one of SSH (`ssh-ed25519 …` or `SHA256:…`), or a fingerprint of OpenPGP (40 digits) or sigstore (64 digits, or `<identity> by <issuer>`)',
      'in a file: any number of public keys, a line each, or blocks of OpenPGP and PEM (`-----BEGIN PUBLIC KEY-----`)',
    ],
    fix: 'take the key from where its owner publishes it, not from the delivery',
  }),
});
