import { listObjects } from './list-objects';
import { sendToS3 } from './s3-client';
import { versionPrefix, type S3Store } from './s3-config';
import { s3Refusal } from './s3-refusal';

/** `app-1.0-SHA256SUMS`, or what `fileName` of checksum says; no signature of it. */
const SUMS = /sha-?256|sums?\b|checksum/i;
const SIGNATURE = /\.(minisig|sig|asc|sigstore|json)$/i;
const LINE = /^[0-9a-f]{64} [ *](.+)$/gm;
const LONGEST_SUMS_BYTES = 4 * 1024 * 1024;

/** Why a release is not whole, or `undefined`: its sums stand there, and everything that they list. Sums are sent after what they sum. */
export async function judgeWhole(store: S3Store, { name, version }: { name: string; version: string }): Promise<string | undefined> {
  const prefix = versionPrefix(store, name, version);
  const there = new Set((await listObjects(store, prefix)).map((key) => key.slice(prefix.length)));
  const lacks: string[] = [];
  for (const sums of [...there].filter((file) => SUMS.test(file) && !SIGNATURE.test(file))) {
    const listed = await namesIn(store, `${prefix}${sums}`);
    const missing = listed.find((file) => !there.has(file));
    if (listed.length > 0 && missing === undefined) return undefined;
    lacks.push(missing === undefined ? `\`${sums}\` lists nothing` : `\`${missing}\`, which \`${sums}\` lists, is missing`);
  }
  return lacks[0] ?? 'its SHA256SUMS are missing';
}

async function namesIn(store: S3Store, key: string): Promise<readonly string[]> {
  const response = await sendToS3(store, { method: 'GET', key });
  if (response.status !== 200) throw await s3Refusal(store, response, `read \`${key}\``);
  return [...(await response.text(LONGEST_SUMS_BYTES)).matchAll(LINE)].map(([, file]) => file!);
}
