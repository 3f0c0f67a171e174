import type { Secret } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import { signingErrors } from '../../errors/signing-errors';
import { runSigner, type Answer, type ToolPorts } from '../../inside/run-signer';
import { withSecretFiles } from '../../inside/secret-files';
import type { SignPe } from '../osslsigncode';
import { signCopy } from './sign-copy';

/** Whose certificates: of the user who signs, or of the whole machine, whose keys services may use that nobody has logged in for. */
export type StoreOwner = 'user' | 'machine';

/** A certificate in a store `My` of this Windows, whose key may lie in a token or with a service; `thumbprint` is its SHA-1, 40 capital digits. */
export interface StoreCertificate {
  kind: 'certificate';
  thumbprint: string;
  owner: StoreOwner;
}

/** A PKCS#12 file in base64 without a password: signtool takes one from its command line alone, which others can read. */
export interface BareFile {
  kind: 'bare-pkcs12';
  file: Secret;
}

export type SigntoolKey = StoreCertificate | BareFile;

/** What a person does with a key that signtool cannot be given safely. */
const IMPORT_PFX =
  'import the certificate with its key into the store of the user who signs, once: `Import-PfxCertificate -FilePath <file> -CertStoreLocation Cert:\\CurrentUser\\My -Password (Read-Host -AsSecureString)`, and put its thumbprint into the variable that `identityEnv` names; or leave `signtool` out: osslsigncode takes a password from a file';

/** The dialog of Windows shows thumbprints in groups, behind a letter that nobody sees (`SIGN_IDENTITY`). */
export function readThumbprint(text: string, variable: string, owner: StoreOwner): string {
  const digits = text.replace(/[\s:\u200e\u200f\ufeff]/g, '').toUpperCase();
  if (/^[0-9A-F]{40}$/.test(digits)) return digits;
  const reason = 'a thumbprint has 40 hexadecimal digits (SHA-1 of the certificate)';
  throw signingErrors.error('SIGN_IDENTITY', {
    variable,
    reason,
    find: `\`Get-ChildItem ${STORES[owner].path} -CodeSigningCert\` lists thumbprints`,
  });
}

/** For PowerShell, signtool and people. */
const STORES = {
  user: { path: 'Cert:\\CurrentUser\\My', option: [], whose: 'this user’s' },
  machine: { path: 'Cert:\\LocalMachine\\My', option: ['/sm'], whose: 'this machine’s' },
} as const;

/** For people. */
export const storeCertificateText = ({ thumbprint, owner }: Omit<StoreCertificate, 'kind'>): string =>
  `the certificate ${thumbprint} of ${STORES[owner].whose} store \`My\``;

/** A key in a file lies in one of mode 0600 while `work` runs. */
export function withSigntool<T>(key: SigntoolKey, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> {
  const signBy = (place: readonly string[]): SignPe => {
    return (request) => signCopy(request, (copy) => runSigner(ports, ['sign', ...place, ...argumentsOf(request.timestampUrl), copy]));
  };
  if (key.kind === 'certificate') return work(signBy([...STORES[key.owner].option, '/s', 'My', '/sha1', key.thumbprint]));
  const files = { 'key.pfx': Buffer.from(key.file.reveal(), 'base64') };
  return withSecretFiles(files, (paths) => work(signBy(['/f', paths['key.pfx']])));
}

/** The digest of a timestamp counts only behind its server. Without `/as` a signature that is there is replaced. */
const argumentsOf = (timestampUrl: string | undefined): readonly string[] => [
  ...['/fd', 'SHA256'],
  ...(timestampUrl === undefined ? [] : ['/tr', timestampUrl, '/td', 'SHA256']),
];

/** It tells by words alone why it does not sign. `SIGN_STORE`, `SIGN_KEY_TOOL`. */
export function explainSigntool({ said, error }: Extract<Answer, { ok: false }>, key: SigntoolKey, variable: string): Error {
  const lines = said
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  if (error.code !== 'PROCESS_FAILED') return error;
  if (key.kind === 'certificate')
    return /SignTool Error/i.test(said)
      ? signingErrors.error('SIGN_STORE', { tool: 'signtool', store: storeCertificateText(key), path: STORES[key.owner].path, said: lines })
      : error;
  const why = /PFX password is not correct/i.test(said)
    ? 'the PKCS#12 file has a password, which signtool takes from its command line alone, where others can read it'
    : /No certificates were found/i.test(said)
      ? 'the PKCS#12 file has no certificate for code signing with its key that is valid today'
      : undefined;
  return why === undefined ? error : unfit(variable, why);
}

function unfit(variable: string, reason: string): Error {
  return signingErrors.error('SIGN_KEY_TOOL', { variable, tool: 'signtool', reason, fix: IMPORT_PFX });
}

/** What variables hold, for signtool, which takes no key in PEM (`SIGN_KEY_TOOL`). */
export function bareFileOf(credential: Credential, variable: string): BareFile {
  if (credential.kind === 'pkcs12') return { kind: 'bare-pkcs12', file: credential.file };
  throw unfit(variable, 'it is PEM, and signtool takes PKCS#12 files alone');
}
