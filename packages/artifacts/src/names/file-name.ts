import { artifactsErrors } from '../errors/artifacts-errors';
import type { Platform } from '../artifact-record';
import { parsePlatform } from './platform';

const ALLOWED = /^[A-Za-z0-9._+-]+$/;
/** Names that Windows gives to devices, whatever their extension. */
const DEVICES = /^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(\.|$)/i;
/** 255 bytes is the limit of every file system; temporary and signature suffixes need room. */
const LONGEST = 200;

/** Why a text cannot be a file name on every system, or `undefined` when it can. */
export function fileNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (!ALLOWED.test(name)) return `it holds \`${[...name].find((character) => !ALLOWED.test(character)) ?? ''}\``;
  if (!/^[A-Za-z0-9]/.test(name)) return 'it does not begin with a letter or digit';
  if (name.endsWith('.')) return 'it ends with a dot, which Windows drops';
  if (DEVICES.test(name)) return 'Windows gives that name to a device';
  if (name.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  return undefined;
}

/** Returns the name, or throws `OPTION_NAME`. `what` says whose name it is: `project name`, `option name`. */
export function checkFileName(name: string, what: string): string {
  const reason = fileNameFault(name);
  if (reason) throw artifactsErrors.error('OPTION_NAME', { what, value: name.slice(0, LONGEST), reason });
  return name;
}

/** A project's name as the beginning of file names, as `npm pack` writes it: `@acme/pychat` and `acme/pychat` are `acme-pychat`. Other names stay. */
export const nameOfProject = (project: string): string => project.replace(/^@(?=[^/]+\/)/, '').replaceAll('/', '-');

export interface NameParts {
  name: string;
  /** Canonical PEP 440 form. */
  version: string;
  platform: string | Platform;
}

export const DEFAULT_NAME_TEMPLATE = '{name}-{version}-{os}-{arch}';
const TOKENS = ['name', 'version', 'os', 'arch'] as const;

/** Fills `{name}`, `{version}`, `{os}` and `{arch}` (`x86_64-musl` on musl). The result is a file name or `OPTION_NAME`. */
export function renderNameTemplate(template: string, parts: NameParts): string {
  const platform = typeof parts.platform === 'string' ? parsePlatform(parts.platform) : parts.platform;
  const values: Readonly<Record<string, string>> = {
    name: parts.name,
    version: parts.version,
    os: platform.os,
    arch: `${platform.arch}${platform.musl ? '-musl' : ''}`,
  };
  const rendered = template.replace(/\{([^{}]*)\}/g, (_, token: string) => {
    const value = Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) throw artifactsErrors.error('OPTION_NAME_TEMPLATE', { template, token, known: TOKENS });
    return value;
  });
  return checkFileName(rendered, 'artifact name');
}

/** `pychat-0.3.0-linux-x86_64`: base of a bundle's archive and its one top folder. */
export function artifactBaseName(parts: NameParts): string {
  return renderNameTemplate(DEFAULT_NAME_TEMPLATE, parts);
}
