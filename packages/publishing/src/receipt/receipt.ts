import type { DestinationGuide, Destination, PublishFile, Release } from '../destination';
import type { Delivery, PublishRequest } from '../engine/publish-request';

export const RECEIPT_SCHEMA = 'waybill/receipt/1';

export interface ReceiptDestination extends Pick<Destination, 'id' | 'type' | 'title'> {
  /** Digest of the plan, as the ledger has it. */
  plan: string;
  files: readonly { name: string; size: number; sha256: string; url?: string }[];
  left: readonly { name: string; reason: string }[];
  guide: DestinationGuide;
  /** Command lines that check what was downloaded. */
  verify: readonly string[];
}

/** `receipt.json`: what stands where, how it is checked and how it is taken back. Equal releases have equal receipts, however often a run was broken off. */
export interface Receipt extends Pick<Release, 'project' | 'name' | 'version' | 'channel'> {
  schema: typeof RECEIPT_SCHEMA;
  tag?: string;
  commit?: string;
  destinations: readonly ReceiptDestination[];
  skipped: readonly { id: string; reason: string }[];
}

export function makeReceipt(
  { release, skipped, fingerprint, sums }: Pick<PublishRequest, 'release' | 'skipped' | 'fingerprint' | 'sums'>,
  deliveries: readonly Delivery[],
): Receipt {
  const { project, name, version, channel, tag, commit } = release;
  return {
    schema: RECEIPT_SCHEMA,
    project,
    name,
    version,
    channel,
    ...(tag !== undefined && { tag }),
    ...(commit !== undefined && { commit }),
    destinations: deliveries.map(({ destination, files, plan, addresses }) => ({
      id: destination.id,
      type: destination.type,
      title: destination.title,
      plan: plan.digest,
      files: files.map(({ name: file, size, sha256 }) => ({ name: file, size, sha256, ...(addresses.has(file) && { url: addresses.get(file)! }) })),
      left: plan.left,
      guide: destination.guide(release, files),
      verify: verifyLines(release, files, { sums, fingerprint }),
    })),
    skipped,
  };
}

/** Against the sums where they went there too, else against the digests of this receipt. In the folder that the files were downloaded to. */
function verifyLines(
  { name, version }: Release,
  files: readonly PublishFile[],
  { sums, fingerprint }: Pick<PublishRequest, 'sums' | 'fingerprint'>,
): readonly string[] {
  if (!files.some((file) => file.name === sums)) return files.map((file) => `echo '${file.sha256}  ${file.name}' | sha256sum --check`);
  return [
    `sha256sum --check --ignore-missing ${sums}`,
    ...(fingerprint === undefined ? [] : [`npx @waybill/verify . --fingerprint=${fingerprint} --project=${name} --version=${version}`]),
  ];
}

export const renderReceiptJson = (receipt: Receipt): string => `${JSON.stringify(receipt, null, 2)}\n`;
