import { readVersion } from '@waybill/artifacts';

/** PEP 508 name. */
export const DISTRIBUTION_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const CLAUSE = /^(?<operator>~=|===|==|!=|<=|>=|<|>)\s*(?<version>\S+)$/;

/** Why a text is no list of version specifiers (PEP 440), `undefined` when it is one. */
export function specifierFault(text: string): string | undefined {
  for (const clause of text.split(',').map((part) => part.trim())) {
    if (clause === '') continue;
    const { operator, version } = CLAUSE.exec(clause)?.groups ?? {};
    if (operator === undefined) return `\`${clause}\` is no comparison with a version`;
    if (operator === '===') continue;
    const wild = (operator === '==' || operator === '!=') && version!.endsWith('.*');
    const read = readVersion(wild ? version!.slice(0, -2) : version!);
    if (read === undefined) return `\`${version!}\` is no version`;
    if (operator === '~=' && read.release.length < 2) return '`~=` needs a version with at least two numbers';
    if (read.local !== undefined && operator !== '==' && operator !== '!=') return `\`${operator}\` compares with no local version`;
  }
  return undefined;
}

export interface RequirementText {
  name: string;
  extras: readonly string[];
  specifier: string;
  /** Of `name @ url`. */
  url?: string;
  marker?: string;
}

/** A requirement's name and extras, and what stands behind them; part by part, because one pattern for all takes quadratic time over white space. */
export function readRequirementHead(text: string): { name: string; extras?: string; rest: string } | undefined {
  const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const rest = text.slice(name.length).trim();
  const end = rest.startsWith('[') ? rest.indexOf(']') : -1;
  return end < 0 ? { name, rest } : { name, extras: rest.slice(1, end), rest: rest.slice(end + 1).trim() };
}

/** Of a requirement without its marker; undefined when it is none. */
function readHead(text: string): { name: string; extras?: string; url?: string; specifier?: string } | undefined {
  const head = readRequirementHead(text);
  if (head === undefined) return undefined;
  const { rest, ...named } = head;
  if (rest.startsWith('@')) {
    const url = rest.slice(1).trim();
    return /^\S+$/.test(url) ? { ...named, url } : undefined;
  }
  const specifier = /^\([^()]*\)$/.test(rest) ? rest.slice(1, -1) : rest;
  return /[;@()]/.test(specifier) && specifier === rest ? undefined : { ...named, specifier };
}

/** Reads a requirement as PEP 508 spells it; a text that is none gives what is wrong with it. */
export function readRequirement(text: string): { requirement: RequirementText } | { fault: string } {
  const { head, marker } = splitMarker(text);
  const groups = readHead(head.trim());
  if (groups === undefined) return { fault: 'it is no name with versions' };
  const extras = (groups.extras ?? '').split(',').map((extra) => extra.trim());
  if (groups.extras?.trim() && extras.some((extra) => !DISTRIBUTION_NAME.test(extra)))
    return { fault: `\`[${groups.extras}]\` is no list of extras` };
  const { name, url, specifier = '' } = groups;
  const fault = specifierFault(specifier) ?? (marker === undefined ? undefined : markerFault(marker));
  if (fault !== undefined) return { fault };
  return {
    requirement: {
      name,
      extras: extras.filter(Boolean),
      specifier: specifier.trim(),
      ...(url === undefined ? {} : { url }),
      ...(marker === undefined ? {} : { marker }),
    },
  };
}

/** Behind a URL a marker needs white space before its semicolon, since a URL may hold one. */
export function splitMarker(text: string): { head: string; marker?: string } {
  const at = /^[^;@]*@/.test(text) ? text.search(/\s;/) : text.indexOf(';');
  if (at < 0) return { head: text };
  return { head: text.slice(0, at), marker: text.slice(text.indexOf(';', at) + 1).trim() };
}

const VARIABLES =
  'os_name sys_platform platform_machine platform_python_implementation platform_release platform_system platform_version python_version python_full_version implementation_name implementation_version extra extras dependency_groups os.name sys.platform platform.version platform.machine platform.python_implementation python_implementation';
const TOKEN = new RegExp(
  `\\s*(?:(?<bracket>[()])|(?<operator>===|==|~=|!=|<=|>=|<|>|not\\s+in\\b|in\\b)|(?<joint>and\\b|or\\b)|(?<value>"[^"]*"|'[^']*'|(?:${VARIABLES.replaceAll('.', '\\.').split(' ').join('|')})(?![\\w.])))`,
  'y',
);

const LONGEST_MARKER = 10_000;

/** Markers: comparisons of variables and quoted texts, joined by `and`, `or` and parentheses. */
export function markerFault(text: string): string | undefined {
  if (text.length > LONGEST_MARKER) return `the marker is longer than ${LONGEST_MARKER} characters`;
  const kinds: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return `the marker is not understood at \`${text.slice(at).trim().slice(0, 40)}\``;
    kinds.push(groups.bracket ?? (groups.operator === undefined ? (groups.joint === undefined ? 'v' : 'j') : 'o'));
  }
  let shape = kinds.join('').replaceAll('vov', 'c');
  for (let before = ''; before !== shape;) {
    before = shape;
    shape = shape.replace(/\(c\)/g, 'c').replace(/cjc/g, 'c');
  }
  return shape === 'c' ? undefined : `the marker \`${text}\` is no comparison`;
}
