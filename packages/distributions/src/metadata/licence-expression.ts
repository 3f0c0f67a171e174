import table from '../policy/spdx-licences.json';

const idsOf = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(lines.flatMap((line) => line.split(' ')).map((id): [string, string] => [id.toLowerCase(), id]));

const LICENCES = idsOf(table.licences);
const DEPRECATED = idsOf(table.deprecated);
const EXCEPTIONS = idsOf(table.exceptions);
const REFERENCE = /^licenseref-[a-z0-9.-]+$/i;
const OPERATORS = new Set(['and', 'or', 'with']);
/** As CPython limits nested parentheses. */
const DEEPEST = 200;

export interface LicenceExpression {
  /** Why it is no expression; absent when it is one. */
  fault?: string;
  /** Identifiers that SPDX has replaced by others. */
  deprecated: readonly string[];
}

/** Holds an SPDX licence expression (PEP 639: SPDX 2.2 annex D, names known, any case) to its grammar. */
export function readLicenceExpression(text: string): LicenceExpression {
  const tokens = text.replace(/[()]/g, ' $& ').split(/\s+/).filter(Boolean);
  if (tokens.length === 0) return { fault: 'it is empty', deprecated: [] };
  const deprecated: string[] = [];
  let depth = 0;
  let before = '';
  for (const token of tokens) {
    const fault = faultAt(token, before, depth);
    if (fault !== undefined) return { fault, deprecated };
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (DEPRECATED.has(plain(token))) deprecated.push(token);
    before = before.toLowerCase() === 'with' ? 'exception' : token;
  }
  if (depth > 0) return { fault: 'a parenthesis is not closed', deprecated };
  return OPERATORS.has(before.toLowerCase()) ? { fault: `nothing follows \`${before}\``, deprecated } : { deprecated };
}

const plain = (token: string): string => token.toLowerCase().replace(/\+$/, '');

/** `before` is the token before, `exception` when that was one, empty at the start. */
function faultAt(token: string, before: string, depth: number): string | undefined {
  const last = before.toLowerCase();
  const wantsOperand = last === '' || last === '(' || OPERATORS.has(last);
  if (token === '(') return !wantsOperand || last === 'with' || depth >= DEEPEST ? 'a parenthesis stands where none can' : undefined;
  if (token === ')') return wantsOperand || depth === 0 ? 'a parenthesis stands where none can' : undefined;
  if (OPERATORS.has(token.toLowerCase())) {
    if (wantsOperand) return `\`${token}\` stands where a licence must`;
    return token.toLowerCase() === 'with' && (last === ')' || last === 'exception') ? '`WITH` must follow a licence' : undefined;
  }
  if (!wantsOperand) return `\`${token}\` follows without \`AND\`, \`OR\` or \`WITH\``;
  if (last === 'with') return EXCEPTIONS.has(token.toLowerCase()) ? undefined : `\`${token}\` is no exception that SPDX knows`;
  if (REFERENCE.test(token) || LICENCES.has(plain(token)) || DEPRECATED.has(token.toLowerCase()) || DEPRECATED.has(plain(token))) return undefined;
  return `\`${token}\` is no licence that SPDX knows`;
}
