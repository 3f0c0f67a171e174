import type { BundleEntry } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';
import { baseName, folderOf } from '../linkage/tree-index';

interface LeftoverRule {
  fits(entry: BundleEntry): boolean;
  level: 'error' | 'warning';
  message: string;
  fix: string;
}

const LEAVE_IT = 'leave the file out (`prune.drop`, or do not `include` it)';
const CHANGE_IT = `${LEAVE_IT}, and make what it holds invalid if a bundle with it has left the house`;

/** Files in which tools keep passwords and tokens, by name. */
const CREDENTIALS =
  /(?:^|\/)(?:[._]netrc|\.pypirc|\.git-credentials|\.pgpass|\.my\.cnf|\.aws\/credentials|\.docker\/config\.json|id_(?:rsa|dsa|ecdsa|ed25519))$/;
/** Settings in which they may keep them: `https://user:token@…`, `_authToken=…`. */
const SETTINGS = /(?:^|\/)(?:pip\.(?:conf|ini)|\.npmrc)$/;
const SECRET = /:\/\/[^/\s:@$]+:[^/\s@$]+@|:\/\/[^/\s:@$]{16,}@|_(?:authToken|auth|password)\s*=\s*[^\s$]/;

const RULES: readonly LeftoverRule[] = [
  {
    fits: ({ kind, path }) => kind === 'file' && CREDENTIALS.test(path),
    level: 'error',
    message: 'The file is one in which tools keep passwords and keys: everybody who gets the bundle can read it',
    fix: CHANGE_IT,
  },
  {
    fits: ({ path, text }) => SETTINGS.test(path) && SECRET.test(text ?? ''),
    level: 'error',
    message: 'The settings hold a password or token: everybody who gets the bundle can read it',
    fix: CHANGE_IT,
  },
  {
    fits: ({ privateKey }) => privateKey === true,
    level: 'error',
    message: 'The file holds a private key: everybody who gets the bundle can read it',
    fix: CHANGE_IT,
  },
  {
    fits: ({ kind, path }) => kind === 'file' && /^\.env(?:\.\w+)?$/.test(baseName(path)),
    level: 'warning',
    message: 'The file is one in which developers keep passwords and settings of their machine',
    fix: LEAVE_IT,
  },
  {
    fits: ({ path }) => /^\.(?:git|hg|svn)$/.test(baseName(path)),
    level: 'error',
    message: 'The entry belongs to version control: it holds the history of the sources, or leads to it',
    fix: 'leave it out: package what was built, not the checkout',
  },
  {
    fits: ({ elf }) => elf?.type === 'core',
    level: 'error',
    message: 'The file is a core dump: it holds the memory of a program that crashed on the building machine',
    fix: LEAVE_IT,
  },
];

/** Keys for trying out TLS that the standard library carries among its tests. */
const OF_TESTS = /(?:^|\/)lib(?:64)?\/python3\.\d+t?\/test\//;

/** What is left in a tree by accident and tells more than it should. What a wheel's makers packed is their affair, and public. */
export function auditLeftovers(entries: readonly BundleEntry[], list: FindingList): void {
  for (const entry of entries) {
    const rule = RULES.find((candidate) => candidate.fits(entry));
    if (rule === undefined || /(?:^|\/)\.(?:git|hg|svn)\//.test(`${folderOf(entry.path)}/`)) continue;
    const isPublic = entry.recorded === true || OF_TESTS.test(entry.path);
    list.add(isPublic ? 'info' : rule.level, entry.path, rule.message, { fix: isPublic ? 'none is needed: it is public' : rule.fix });
  }
}
