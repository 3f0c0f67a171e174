import { isReleaseVersion, sameVersion } from '@waybill/artifacts';
import type { DestinationType, PublishFile, Release } from '../destination';
import { publishingErrors } from '../errors/publishing-errors';
import type { Ledger, LedgerRecord } from '../ledger/ledger-record';
import { LEDGER_SCHEMA } from '../ledger/ledger-record';
import type { LedgerKey, LedgerStore } from '../ledger/ledger-store';
import { doneAt, hasRecord, parseLedger, renderRecordLine, wasTakenBack } from '../ledger/parse-ledger';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';

/** The ledger of one delivery, to write to. */
export interface DestinationLedger {
  write(record: LedgerRecord): Promise<void>;
  isDone(file: PublishFile): boolean;
  isAttested(file: PublishFile): boolean;
  isVerified(file: PublishFile): boolean;
  isTriedOut(): boolean;
  isFinalised(): boolean;
}

const keyOf = ({ project, version }: Release, destination: string): LedgerKey => ({ project, version, destination });

async function readLedger(ledgers: LedgerStore, key: LedgerKey): Promise<Ledger | undefined> {
  const text = await ledgers.read(key);
  return text === undefined ? undefined : parseLedger(text, ledgers.placeOf(key));
}

export const isTakenBack = async (release: Release, destination: string, ledgers: LedgerStore): Promise<boolean> =>
  wasTakenBack(await readLedger(ledgers, keyOf(release, destination)));

/** What was taken back stays so (`PUBLISH_TAKEN_BACK`), with `resume` or without, and however its version is spelt. */
export async function refuseTakenBack(release: Release, destinations: readonly { id: string }[], ledgers: LedgerStore): Promise<void> {
  const known = await ledgers.versions(release.project);
  const spellings = known.filter((one) => isReleaseVersion(one) && sameVersion(one, release.version));
  for (const version of new Set([release.version, ...spellings])) {
    for (const { id } of destinations) {
      if (!(await isTakenBack({ ...release, version }, id, ledgers))) continue;
      const shown = `the ledger ${ledgers.placeOf(keyOf({ ...release, version }, id))} says so`;
      throw publishingErrors.error('PUBLISH_TAKEN_BACK', { destination: id, version, shown });
    }
  }
}

/**
 * A ledger of another plan is no memory of this one (`PUBLISH_LEDGER_OTHER`). Asked for all before any is written to. What is not open to others gives way
 * to the new one: its old files are replaced, or were found to be a conflict before.
 */
export async function refuseOtherLedgers({ release, resume }: PublishRequest, deliveries: readonly Delivery[], ledgers: LedgerStore): Promise<void> {
  for (const { plan } of resume ? deliveries.filter(({ destination }) => destination.remote) : []) {
    const key = keyOf(release, plan.id);
    const actual = (await readLedger(ledgers, key))?.header.plan;
    if (actual === undefined || actual === plan.digest) continue;
    throw publishingErrors.error('PUBLISH_LEDGER_OTHER', { place: ledgers.placeOf(key), destination: plan.id, expected: plan.digest, actual });
  }
}

/** How long after it took a file a destination may go without showing it. */
const SHOWS_WITHIN_MS: Readonly<Record<DestinationType, number>> = { index: 3_600_000, 'github-release': 300_000, s3: 0, oci: 0, folder: 0 };

/**
 * What a destination confirmed and shows no more was removed by somebody, or is shown late: sending it again is for people to decide (`PUBLISH_GONE`).
 * What is not open to others may be removed by anybody, and is made again.
 */
export async function refuseGone({ release, resume }: PublishRequest, deliveries: readonly Delivery[], ports: PublishPorts): Promise<void> {
  const { ledgers, nowMs } = ports;
  for (const { plan, destination } of resume ? deliveries.filter((one) => one.destination.remote) : []) {
    const ledger = await readLedger(ledgers, keyOf(release, plan.id));
    const late = plan.rows.flatMap((row) => {
      const at = row.state === 'same' ? undefined : doneAt(ledger, row);
      return at !== undefined && nowMs() - Date.parse(at) >= SHOWS_WITHIN_MS[destination.type] ? [{ name: row.name, at }] : [];
    });
    if (late.length > 0)
      throw publishingErrors.error('PUBLISH_GONE', { destination: plan.id, place: ledgers.placeOf(keyOf(release, plan.id)), late });
  }
}

/** Opens, or begins, the ledger of a delivery and notes the plan in it. */
export async function openLedger(request: PublishRequest, { plan }: Delivery, ports: PublishPorts): Promise<DestinationLedger> {
  const { ledgers, nowMs } = ports;
  const key = keyOf(request.release, plan.id);
  const present = await readLedger(ledgers, key);
  if (present && (!request.resume || present.header.plan !== plan.digest)) await ledgers.setAside(key);
  const open = await ledgers.open(key);
  const before = parseLedger(open.text, ledgers.placeOf(key));
  const records: LedgerRecord[] = [...(before?.records ?? [])];
  const append = (record: Parameters<typeof renderRecordLine>[0]): Promise<void> => open.append(renderRecordLine(record, nowMs()));
  const write = async (record: LedgerRecord): Promise<void> => {
    await append(record);
    records.push(record);
  };
  const header = before?.header ?? { record: 'header', schema: LEDGER_SCHEMA, plan: plan.digest, tool: request.tool };
  if (!before) await append(header);
  await write({ record: 'plan', files: plan.rows.map(({ name, sha256, size, state }) => ({ name, sha256, size, state })) });
  return {
    write,
    isDone: (file) => hasRecord({ header, records }, 'done', file),
    isAttested: (file) => hasRecord({ header, records }, 'attested', file),
    isVerified: (file) => hasRecord({ header, records }, 'verified', file),
    isTriedOut: () => records.some(({ record }) => record === 'tried-out'),
    isFinalised: () => records.some(({ record }) => record === 'finalised'),
  };
}

/** Notes in the ledger, begun if need be, that a release was taken back. */
export async function noteTakenBack(
  about: { release: Release; destination: string; tool: string; outcome: Extract<LedgerRecord, { record: 'taken-back' }>['outcome'] },
  { ledgers, nowMs }: Pick<PublishPorts, 'ledgers' | 'nowMs'>,
): Promise<void> {
  const open = await ledgers.open(keyOf(about.release, about.destination));
  if (open.text === '') {
    await open.append(renderRecordLine({ record: 'header', schema: LEDGER_SCHEMA, plan: 'taken-back', tool: about.tool }, nowMs()));
  }
  await open.append(renderRecordLine({ record: 'taken-back', outcome: about.outcome }, nowMs()));
}
