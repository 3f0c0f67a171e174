import { checkVersion } from '@waybill/artifacts';
import { WaybillError } from '@waybill/core';
import { verifyErrors } from '../errors/verify-errors';

/** What the command was asked for. Paths as given. */
export interface VerifyArguments {
  target: string;
  fingerprints: string[];
  keyFiles: string[];
  trustedRoot?: string;
  project?: string;
  version?: string;
  ignoreMissing: boolean;
  json: boolean;
}

interface OptionRow {
  name: string;
  /** As in the usage; none for a switch. */
  value?: string;
  about: string;
  set(into: VerifyArguments, value: string, argument: string): void;
}

/** Every option; the usage is made from it. */
export const VERIFY_OPTIONS: readonly OptionRow[] = [
  {
    name: 'fingerprint',
    value: 'KEY',
    about: 'who must have signed: minisign key `RW…`, SSH `SHA256:…`, OpenPGP 40 digits, sigstore 64 or `<identity> by <issuer>` (repeatable)',
    set: (into, value) => void into.fingerprints.push(value),
  },
  {
    name: 'keys',
    value: 'FILE',
    about: 'public keys of those who may have signed: minisign, SSH, OpenPGP, sigstore (repeatable)',
    set: (into, value) => void into.keyFiles.push(value),
  },
  {
    name: 'trusted-root',
    value: 'FILE',
    about: 'keys of the sigstore that vouches for identities; by default those of its public instance, as this version knows them',
    set: (into, value) => (into.trustedRoot = value),
  },
  { name: 'project', value: 'P', about: 'the project that it must be a release of', set: (into, value) => (into.project = value) },
  {
    name: 'version',
    value: 'V',
    about: 'the version that it must be: an older genuine release is refused',
    set: (into, value, argument) => (into.version = versionOf(value, argument)),
  },
  { name: 'ignore-missing', about: 'check the files that are here, though the sums name more', set: (into) => (into.ignoreMissing = true) },
  { name: 'json', about: 'print everything as JSON, and nothing else', set: (into) => (into.json = true) },
];

const refuse = (argument: string, expected: string): never => {
  throw verifyErrors.error('VERIFY_VALUE', { argument, expected });
};

function versionOf(value: string, argument: string): string {
  try {
    return checkVersion(value);
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return refuse(argument, 'a version such as `1.4.0` or `1.4.0rc1`');
  }
}

/** Arguments, checked: `VERIFY_ARGUMENT`, `VERIFY_VALUE`. Values follow behind `=` or as the next argument. */
export function parseVerifyArguments(args: readonly string[]): VerifyArguments {
  const parsed: VerifyArguments = { target: '', fingerprints: [], keyFiles: [], ignoreMissing: false, json: false };
  const targets: string[] = [];
  const queue = [...args];
  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    if (argument.startsWith('-')) setOption(parsed, argument, () => queue.shift());
    else targets.push(argument);
  }
  if (targets.length !== 1) refuse(targets[1] ?? '<folder|zip>', 'exactly one folder or zip file');
  return { ...parsed, target: targets[0]! };
}

function setOption(parsed: VerifyArguments, argument: string, next: () => string | undefined): void {
  const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const row = VERIFY_OPTIONS.find((option) => option.name === name);
  if (!row) throw verifyErrors.error('VERIFY_ARGUMENT', { argument, known: VERIFY_OPTIONS.map((option) => `--${option.name}`) });
  if (row.value === undefined) {
    if (inline !== undefined) refuse(argument, `\`--${name}\` without a value`);
    row.set(parsed, '', argument);
    return;
  }
  const value = inline ?? next();
  if (value === undefined || value === '' || value.startsWith('--')) refuse(argument, `\`--${name}=<${row.value}>\``);
  row.set(parsed, value!, argument);
}

export function verifyUsage(): string {
  const options = VERIFY_OPTIONS.map(({ name, value, about }) => `  --${(value === undefined ? name : `${name}=${value}`).padEnd(18)} ${about}`);
  return [
    'usage: npx @waybill/verify <folder|zip> [options]',
    '',
    'Checks downloaded files, offline: sums, signatures, content of archives, release.json.',
    'Exit code 0: everything holds. 1: something does not. 2: it could not be checked. 3: integrity only, no key was given.',
    '',
    ...options,
    '',
  ].join('\n');
}
