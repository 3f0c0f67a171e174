import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distFolder, type Artifact, type Json } from '@waybill/artifacts';
import { hashBytes, type WaybillError } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import {
  planLines,
  publishRelease,
  renderReceiptJson,
  renderReceiptPage,
  type Destination,
  type Published,
  type PublishPorts,
} from '@waybill/publishing';
import { neverStartedOf } from '@waybill/relocation';
import { createDestinations } from '../../publishing/create-destination';
import { createIndexInstaller } from '../../publishing/index/install/create-index-installer';
import { worldOf } from '../../publishing/destination-world';
import { ledgerFiles } from '../../publishing/ledger-files';
import { withReleaseLocks } from '../../publishing/with-release-locks';
import { publishFilesOf } from '../../publishing/publish-file';
import { sendingLines } from '../../publishing/sending-lines';
import type { PublishOptions } from './options';
import { RECEIPT_FILE, RECEIPT_PAGE, type PublishStagePlan } from './plan';

type Context = StageContext<PublishOptions>;

const LONGEST_WAIT_MS = 5 * 60_000;
const LONGEST_REQUEST_MS = 30 * 60_000;

/** Publishes, unless the plan said that nothing is to be done. */
export async function applyPublish(context: Context, plan: PublishStagePlan, outputDir: string): Promise<StageResult> {
  if (plan.skip !== undefined) return skipped(context, plan);
  const { facts } = plan;
  const installer = createIndexInstaller({ ...context, wheels: context.upstream.filter(({ kind }) => kind === 'wheel') });
  const world = worldOf(context, { readOnly: false, waybill: facts.waybill, files: facts.files, installer });
  const { destinations, faults } = await createDestinations(facts.chosen, world);
  const published = await withReleaseLocks(context, destinations, () => publish(context, plan, destinations, faults));
  const staticOnly = neverStartedOf(facts.files, facts.records, facts.proof);
  const allowed = { ...(facts.allowUnproved !== undefined && { allowUnproved: facts.allowUnproved }), ...(staticOnly.length > 0 && { staticOnly }) };
  const isWhole = published.outcome === 'success';
  const artifacts = isWhole ? await writeReceipt(published, outputDir) : [];
  const page = `${distFolder(context.projectRoot, context.targetName)}/${RECEIPT_PAGE}`;
  return {
    outcome: published.outcome,
    artifacts,
    facts: isWhole ? { ...recordFacts(published), ...allowed } : {},
    findings: [...plan.remarks, ...published.findings],
    report: { sent: published.sent, waiting: published.waiting, plan: planLines(published.plan) },
    summary: [...summaryOf(published), ...(isWhole ? [`receipt: ${page}`] : [])],
  };
}

function skipped({ options, progress }: Context, { remarks, facts }: PublishStagePlan): StageResult {
  const destinations = facts.outlook?.deliveries.map(({ plan }) => plan) ?? [];
  const value = { release: facts.release, destinations, skipped: facts.skipped };
  if (options.plan) [...planLines(value), JSON.stringify(value)].forEach((line) => progress.line(line));
  const { channel, tag } = facts.release;
  return {
    outcome: 'skipped',
    artifacts: [],
    facts: { channel, ...(tag !== undefined && { tag }), skipped: facts.skipped },
    findings: remarks,
    summary: options.plan ? [] : facts.skipped.map(({ id, reason }) => `skipped ${id}: ${reason}`),
  };
}

function publish(
  context: Context,
  { facts }: PublishStagePlan,
  destinations: readonly Destination[],
  faults: readonly WaybillError[],
): Promise<Published> {
  const { release, skipped: left, files, waybill } = facts;
  const { timeoutMs, options, workspaceRoot, progress } = context;
  const ports: PublishPorts = {
    ledgers: ledgerFiles(workspaceRoot),
    nowMs: () => Date.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    line: (text) => progress.line(text),
    onSent: sendingLines((text) => progress.line(text), Date.now),
  };
  const request = {
    release,
    destinations,
    skipped: left,
    faults,
    files: publishFilesOf(files, facts.records),
    body: facts.body,
    sums: facts.sums?.artifact.name,
    fingerprint: facts.fingerprint,
    tool: waybill,
    resume: options.resume,
    waitMs: Math.min(LONGEST_WAIT_MS, timeoutMs / 4),
    requestTimeoutMs: Math.min(LONGEST_REQUEST_MS, timeoutMs),
  };
  return progress.step('publish', () => publishRelease(request, ports));
}

async function writeReceipt({ receipt }: Published, outputDir: string): Promise<readonly Artifact[]> {
  const madeFrom = [...new Set(receipt.destinations.flatMap(({ files }) => files.map(({ sha256 }) => `sha256:${sha256}`)))].sort();
  const texts = { [RECEIPT_FILE]: renderReceiptJson(receipt), [RECEIPT_PAGE]: renderReceiptPage(receipt) };
  const artifacts: Artifact[] = [];
  for (const [name, text] of Object.entries(texts)) {
    await writeFile(join(outputDir, name), text);
    artifacts.push({ name, path: name, kind: 'delivery', ships: false, size: Buffer.byteLength(text), sha256: hashBytes(text), madeFrom });
  }
  return artifacts;
}

function recordFacts({ receipt }: Published): StageResult['facts'] {
  const { channel, tag, commit, destinations, skipped: left } = receipt;
  const places: Json = destinations.map(({ id, type, files }) => ({ id, type, files: files.length }));
  return { channel, ...(tag !== undefined && { tag }), ...(commit !== undefined && { commit }), destinations: places, skipped: left };
}

function summaryOf({ plan, sent, waiting, lines, outcome }: Published): readonly string[] {
  const places = plan.destinations.map(({ id, rows }) => {
    const count = sent[id]?.length ?? 0;
    const none = rows.every(({ state }) => state === 'same') ? 'nothing was sent, all were there' : 'nothing was sent';
    return `${id}: ${rows.length} ${rows.length === 1 ? 'file' : 'files'}, ${count === 0 ? none : `${count} sent`}`;
  });
  const current = lines.length === 0 ? ', and nothing was made the current release yet' : '';
  const rest = outcome === 'pending' ? [`run it again: nothing is sent twice${current}`] : [];
  return [...places, ...lines, ...plan.skipped.map(({ id, reason }) => `skipped ${id}: ${reason}`), ...waiting, ...rest];
}
