import { parseRelease, type ReleaseDescription } from '@waybill/artifacts';
import { WaybillError } from '@waybill/core';
import { listObjects } from './list-objects';
import { sendToS3 } from './s3-client';
import { versionPrefix, type S3Store } from './s3-config';
import { s3Refusal } from './s3-refusal';

/** What checksum takes as `releaseFileName`. */
const DESCRIPTION = /(?:^|[-_.])release\.json$/;
const SIGNATURE = /\.(minisig|sig|asc|sigstore\.json)$/i;
const LONGEST_DESCRIPTION_BYTES = 4 * 1024 * 1024;
/** A file that is called like a description and is none. */
const NO_DESCRIPTION = /^(RECORD_|NETWORK_TOO_LARGE$)/;

export interface Wholeness {
  /** Why it is not whole; absent: its description stands there, and everything that it names. */
  lack?: string;
  /**
   * How many signatures stand beside its sums. They are made and sent last, and no description can name them: what another release has of them tells
   * whether some are missing.
   */
  signatures: number;
}

export async function judgeWhole(store: S3Store, { name, version }: { name: string; version: string }): Promise<Wholeness> {
  const prefix = versionPrefix(store, name, version);
  const there = new Set((await listObjects(store, prefix)).map((key) => key.slice(prefix.length)));
  const read: (ReleaseDescription | string)[] = [];
  for (const file of [...there].filter((one) => DESCRIPTION.test(one))) read.push(await readDescription(store, `${prefix}${file}`));
  const descriptions = read.filter((one) => typeof one !== 'string');
  const sums = descriptions.flatMap((description) => description.sums);
  const signatures = [...there].filter((one) => SIGNATURE.test(one) && sums.some((file) => one.startsWith(`${file}.`))).length;
  const missing = descriptions.flatMap(namesIn).find((file) => !there.has(file));
  if (missing !== undefined) return { lack: `\`${missing}\`, which its description names, is missing`, signatures };
  if (descriptions.length > 0) return { signatures };
  return { lack: read.find((one) => typeof one === 'string') ?? 'its `release.json` is missing', signatures };
}

const namesIn = ({ sums, artifacts, signatures }: ReleaseDescription): readonly string[] => [
  ...[...artifacts, ...signatures].map(({ name }) => name),
  ...sums,
];

/** Or why it is none. */
async function readDescription(store: S3Store, key: string): Promise<ReleaseDescription | string> {
  const response = await sendToS3(store, { method: 'GET', key });
  if (response.status !== 200) throw await s3Refusal(store, response, `read \`${key}\``);
  try {
    return parseRelease(await response.text(LONGEST_DESCRIPTION_BYTES), { path: key });
  } catch (cause) {
    if (cause instanceof WaybillError && NO_DESCRIPTION.test(cause.code)) return cause.message;
    throw cause;
  }
}
