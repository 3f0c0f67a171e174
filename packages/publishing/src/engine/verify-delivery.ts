import { hashThrough } from '@waybill/core';
import { publishingErrors } from '../errors/publishing-errors';
import type { DestinationLedger } from './destination-ledger';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Everything stands there, nothing else does, and the bytes that come back are those that were sent (`PUBLISH_VERIFY`, `PUBLISH_EXTRA`). Gives what
 * the destination does not show or offer yet when the wait is over, or `undefined`.
 */
export async function verifyDelivery(
  request: PublishRequest,
  delivery: Delivery,
  ledger: DestinationLedger,
  ports: PublishPorts,
): Promise<string | undefined> {
  const waiting = await waitUntilShown(request, delivery, ports);
  if (waiting !== undefined) return waiting;
  for (const file of delivery.files.filter((one) => !ledger.isVerified(one))) {
    const read = hashThrough(delivery.destination.download(request.release, file.name));
    for await (const chunk of read) void chunk;
    const { sha256 } = read.digest();
    if (sha256 !== file.sha256) throw otherBytes(delivery, file.name, file.sha256, `sha256 ${sha256} downloaded`);
    await ledger.write({ record: 'verified', name: file.name, sha256 });
  }
  return ledger.isTriedOut() ? undefined : tryOut(request, delivery, ledger, ports);
}

/** Within the same bounds: what is listed may not be offered to installers yet. */
async function tryOut(
  request: PublishRequest,
  { destination, files }: Delivery,
  ledger: DestinationLedger,
  ports: PublishPorts,
): Promise<string | undefined> {
  if (destination.tryOut === undefined || files.length === 0) return undefined;
  const attested = files.filter((file) => ledger.isAttested(file)).map(({ name }) => name);
  const endMs = ports.nowMs() + request.waitMs;
  for (let turn = 0; ; turn += 1) {
    const { outcome, line } = await destination.tryOut(request.release, files, attested);
    if (outcome !== 'waiting') {
      ports.line(line);
      await ledger.write({ record: 'tried-out', line });
      return undefined;
    }
    const pauseMs = pauseOf(turn);
    if (ports.nowMs() + pauseMs > endMs) return line;
    if (turn === 0) ports.line(`waiting: ${line}`);
    await ports.sleep(pauseMs);
  }
}

const pauseOf = (turn: number): number => Math.min(FIRST_PAUSE_MS * 2 ** turn, LONGEST_PAUSE_MS);

/** Gives what is missing when the wait is over. */
export async function waitUntilShown(request: PublishRequest, delivery: Delivery, { nowMs, sleep, line }: PublishPorts): Promise<string | undefined> {
  const endMs = nowMs() + request.waitMs;
  for (let turn = 0; ; turn += 1) {
    const missing = await notShown(request, delivery);
    if (missing === undefined) return undefined;
    const pauseMs = pauseOf(turn);
    if (nowMs() + pauseMs > endMs) return missing;
    if (turn === 0) line(`waiting: ${missing}`);
    await sleep(pauseMs);
  }
}

/** One look: by name, and by the list of all. */
async function notShown({ release }: PublishRequest, delivery: Delivery): Promise<string | undefined> {
  const { destination, files } = delivery;
  if (files.length === 0) return undefined;
  const states = await destination.inspect(release, files);
  const odd = states.findIndex(({ state }) => state === 'conflict');
  if (odd >= 0) throw otherBytes(delivery, files[odd]!.name, files[odd]!.sha256, states[odd]!.reason ?? 'other bytes');
  const absent = states.find(({ state }) => state !== 'same');
  if (absent) return `${destination.id} does not show \`${absent.name}\` yet`;
  const listed = await destination.list(release);
  if (listed === undefined) return `${destination.id} does not list ${release.version} yet`;
  const planned = new Map(files.map(({ name, sha256 }) => [name, sha256]));
  const extra = listed.filter(({ name }) => !planned.has(name)).map(({ name }) => name);
  if (extra.length > 0) throw publishingErrors.error('PUBLISH_EXTRA', { destination: destination.id, version: release.version, names: extra });
  for (const { name, sha256 } of listed) {
    if (sha256 !== undefined && sha256 !== planned.get(name)) throw otherBytes(delivery, name, planned.get(name)!, `sha256 ${sha256} listed`);
  }
  for (const { name, url } of states) if (url !== undefined) delivery.addresses.set(name, url);
  const unlisted = files.find(({ name }) => !listed.some((one) => one.name === name));
  return unlisted && `${destination.id} does not list \`${unlisted.name}\` yet`;
}

const otherBytes = ({ destination }: Delivery, name: string, expected: string, actual: string): Error =>
  publishingErrors.error('PUBLISH_VERIFY', { name, destination: destination.id, expected, actual });
