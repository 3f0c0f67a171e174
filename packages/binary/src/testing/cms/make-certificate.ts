import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bits, boolean, context, type Der, element, integer, nothing, octets, oid, sequence, set, text, utcTime } from './der-writer';

export const DAY_MS = 86_400_000;
/** The day on which tests take place. */
export const TODAY = Date.UTC(2026, 10, 26);

/** A certificate with its private key. */
export interface Identity {
  certificate: Der;
  key: KeyObject;
  name: Der;
  serial: Der;
}

export interface CertificateRecipe {
  commonName: string;
  organizationalUnit?: string;
  /** Left out: signed by itself. */
  issuer?: Identity;
  authority?: boolean;
  pathLength?: number;
  /** Object identifiers. Left out: no such extension. */
  purposes?: readonly string[];
  /** The extension's byte; 0x80 signs data, 0x04 signs certificates. */
  keyUsage?: number;
  notBefore?: number;
  notAfter?: number;
  /** Object identifier of an extension that nobody knows. */
  criticalExtension?: string;
  /** Twice the same extension. */
  repeatExtension?: boolean;
  keys?: 'ec' | 'rsa' | 'rsa-1024' | 'ed25519';
  /** Bytes signed in place of the certificate's own. */
  signOther?: boolean;
}

let serial = 0x1000;

export function makeCertificate(recipe: CertificateRecipe): Identity {
  const { privateKey, publicKey } = makeKeys(recipe.keys ?? 'ec');
  const name = nameOf(recipe);
  const number = integer(Uint8Array.from([0x10, (serial += 1) >> 8, serial & 0xff]));
  const signer = recipe.issuer?.key ?? privateKey;
  const algorithm = signatureAlgorithm(signer);
  const content = sequence(
    context(0, integer(2)),
    number,
    algorithm,
    recipe.issuer?.name ?? name,
    sequence(utcTime(recipe.notBefore ?? TODAY - 30 * DAY_MS), utcTime(recipe.notAfter ?? TODAY + 300 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions(recipe))),
  );
  const signature = signBytes(recipe.signOther ? Buffer.from('other') : content, signer);
  return { certificate: sequence(content, algorithm, bits(signature)), key: privateKey, name, serial: number };
}

function makeKeys(kind: NonNullable<CertificateRecipe['keys']>): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'rsa' || kind === 'rsa-1024') return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 });
  return kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function nameOf({ commonName, organizationalUnit }: CertificateRecipe): Der {
  const part = (type: string, value: string): Der => set(sequence(oid(type), text(value)));
  return sequence(part('2.5.4.3', commonName), ...(organizationalUnit === undefined ? [] : [part('2.5.4.11', organizationalUnit)]));
}

function extensions(recipe: CertificateRecipe): Der[] {
  const one = (name: string, critical: boolean, value: Der): Der => sequence(oid(name), ...(critical ? [boolean(true)] : []), octets(value));
  const length = recipe.pathLength === undefined ? [] : [integer(recipe.pathLength)];
  const constraints = one('2.5.29.19', true, sequence(...(recipe.authority ? [boolean(true), ...length] : [])));
  return [
    constraints,
    ...(recipe.repeatExtension ? [constraints] : []),
    ...(recipe.purposes ? [one('2.5.29.37', true, sequence(...recipe.purposes.map(oid)))] : []),
    ...(recipe.keyUsage === undefined ? [] : [one('2.5.29.15', true, element(0x03, Uint8Array.from([0, recipe.keyUsage])))]),
    ...(recipe.criticalExtension === undefined ? [] : [one(recipe.criticalExtension, true, nothing())]),
  ];
}

/** For the kind of key, with SHA-256. */
export function signatureAlgorithm(key: KeyObject): Der {
  if (key.asymmetricKeyType === 'rsa') return sequence(oid('1.2.840.113549.1.1.11'), nothing());
  return sequence(oid(key.asymmetricKeyType === 'ed25519' ? '1.3.101.112' : '1.2.840.10045.4.3.2'));
}

export function signBytes(bytes: Uint8Array, key: KeyObject): Uint8Array {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key);
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** A root with an intermediate below it, and below that who signs code and who signs timestamps. Times of a recipe hold for all, the rest for the signer. */
export interface Authorities {
  root: Identity;
  intermediate: Identity;
  signer: Identity;
  stamper: Identity;
}

export function makeAuthorities(recipe: Partial<CertificateRecipe> = {}): Authorities {
  const { notBefore, notAfter } = recipe;
  const validity = { ...(notBefore === undefined ? {} : { notBefore }), ...(notAfter === undefined ? {} : { notAfter }) };
  const root = makeCertificate({ ...validity, commonName: 'Test Root', authority: true, keyUsage: 0x04 });
  const intermediate = makeCertificate({
    ...validity,
    commonName: 'Test Intermediate',
    issuer: root,
    authority: true,
    pathLength: 0,
    keyUsage: 0x04,
  });
  const signer = makeCertificate({
    commonName: 'Test Signer',
    organizationalUnit: 'TEAM123456',
    issuer: intermediate,
    purposes: [CODE_SIGNING],
    keyUsage: 0x80,
    ...recipe,
  });
  const stamper = makeCertificate({ ...validity, commonName: 'Test Stamper', issuer: root, purposes: [TIME_STAMPING], keyUsage: 0x80 });
  return { root, intermediate, signer, stamper };
}

export function pemOf({ certificate }: Identity): string {
  const lines = Buffer.from(certificate)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
