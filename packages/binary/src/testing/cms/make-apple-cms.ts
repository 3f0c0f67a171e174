import { createHash } from 'node:crypto';
import { octets, oid, sequence } from './der-writer';
import { DAY_MS, TODAY, type Authorities } from './make-certificate';
import { attribute, type CmsRecipe, makeCms, makeTimestamp } from './make-cms';

const SHA: Readonly<Record<string, string>> = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' };

export interface AppleCmsRecipe extends Partial<CmsRecipe> {
  /** Directories that Apple's lists name; those that are signed by default. */
  named?: readonly Uint8Array[];
  /** Of the timestamp, milliseconds since 1970; null: none. */
  stampedAt?: number | null;
}

/** As codesign makes it: over the first directory, with both of Apple's lists of all directories, and stamped. */
export function makeAppleCms(people: Authorities, directories: readonly Uint8Array[], recipe: AppleCmsRecipe = {}): Uint8Array {
  const { named = directories, stampedAt = TODAY - DAY_MS, ...rest } = recipe;
  const algorithmOf = (index: number): string => (directories.length > 1 && index === 0 ? 'sha1' : 'sha256');
  const digests = named.map((bytes, index) => createHash(algorithmOf(index)).update(bytes).digest());
  const list = `<plist><dict><key>cdhashes</key><array>${digests.map((digest) => `<data>${digest.subarray(0, 20).toString('base64')}</data>`).join('')}</array></dict></plist>`;
  return makeCms({
    signer: people.signer,
    certificates: [people.intermediate, people.root],
    content: directories[0]!,
    ber: true,
    moreAttributes: [
      attribute('1.2.840.113635.100.9.1', octets(Buffer.from(list))),
      attribute('1.2.840.113635.100.9.2', ...digests.map((digest, index) => sequence(oid(SHA[algorithmOf(index)]!), octets(digest)))),
    ],
    ...(stampedAt !== null && {
      unsigned: (signature) => {
        const stamp = { stamper: people.stamper, certificates: [people.root], time: stampedAt };
        return [attribute('1.2.840.113549.1.9.16.2.14', makeTimestamp(signature, stamp))];
      },
    }),
    ...rest,
  });
}
