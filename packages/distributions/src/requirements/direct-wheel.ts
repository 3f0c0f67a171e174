import { readRequirementHead } from '../metadata/requirement-syntax';
import { parseWheelName, type WheelName } from '../names/wheel-name';

/** The one wheel that a line of a lock names, in place of an index that has it. */
export interface DirectWheel {
  wheel: WheelName;
  /** `https://…/x.whl`, or a path as written. */
  from: { url: string } | { path: string };
  /** What the line calls it; absent where it stands by its file alone. */
  name?: string;
  /** Between brackets, as written. */
  extras?: string;
  /** Of a fragment `#sha256=…`, as `sha256:<hex>`. */
  hash?: string;
}

const SCHEME = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):/;
const SCHEMES = ['http', 'https', 'file'];
const FRAGMENT_HASH = /[#&](?<kind>sha256|sha384|sha512)=(?<digest>[0-9A-Fa-f]+)/;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `file:///…`, `file://localhost/…` and `file:/…`, which pip, uv and Poetry write. */
const pathOfFileUrl = (url: string): string => decoded(url.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, ''));

/**
 * Reads a requirement without its marker and options as one wheel: `x.whl`, `./x.whl`, `https://…/x.whl`, each also behind `name @`.
 * `undefined` for everything else: folders, sdists, repositories, other schemes.
 */
export function readDirectWheel(text: string): DirectWheel | undefined {
  const head = readRequirementHead(text);
  const named = head?.rest.startsWith('@') ? head : undefined;
  const { place, extras = named?.extras, fragment } = splitPlace(named === undefined ? text : named.rest.slice(1).trim());
  const scheme = SCHEME.exec(place)?.groups!['scheme']!.toLowerCase();
  if (/\s/.test(place) || (scheme !== undefined && !SCHEMES.includes(scheme))) return undefined;
  const wheel = parseWheelName(decoded(place.slice(place.lastIndexOf('/') + 1)));
  if (wheel === undefined) return undefined;
  const { kind, digest } = FRAGMENT_HASH.exec(fragment)?.groups ?? {};
  return {
    wheel,
    from: scheme === undefined ? { path: place } : scheme === 'file' ? { path: pathOfFileUrl(place) } : { url: place },
    ...(named !== undefined && { name: named.name }),
    ...(extras !== undefined && { extras }),
    ...(kind !== undefined && { hash: `${kind}:${digest!.toLowerCase()}` }),
  };
}

/** `place[extras]#fragment`; part by part, because one pattern for all takes quadratic time. */
function splitPlace(text: string): { place: string; extras?: string; fragment: string } {
  const hash = text.indexOf('#');
  const bare = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : text.slice(hash);
  const bracket = bare.endsWith(']') ? bare.lastIndexOf('[') : -1;
  return bracket < 0 ? { place: bare, fragment } : { place: bare.slice(0, bracket), extras: bare.slice(bracket + 1, -1), fragment };
}
