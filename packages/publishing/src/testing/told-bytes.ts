import type { Destination, PublishFile, Release } from '../destination';
import { publishRelease } from '../engine/publish-release';
import { memoryLedgers } from './memory-ledgers';

/** Publishes one file, and gives what was told of it on the way: how many bytes of it went out, each time. */
export async function toldBytes(destination: Destination, release: Release, file: PublishFile): Promise<readonly number[]> {
  const totals: number[] = [];
  let nowMs = Date.parse('2026-01-01');
  const request = { release, destinations: [destination], skipped: [], files: [file], body: '', tool: '0.1.0', resume: true };
  await publishRelease(
    { ...request, waitMs: 10_000, requestTimeoutMs: 60_000 },
    {
      ...{ ledgers: memoryLedgers(), nowMs: () => nowMs, line: () => undefined },
      sleep: async (milliseconds) => void (nowMs += milliseconds),
      onSent: (id, { name }, total) => {
        expect([id, name]).toEqual([destination.id, file.name]);
        totals.push(total);
      },
    },
  );
  return totals;
}

/** What goes along with a file in one body: the fields of a form. */
const MOST_BESIDE = 4_096;

/** A large file was told of piece by piece: from its begin, ever more, to its end and not beyond. */
export function expectPieces(totals: readonly number[], size: number): void {
  expect(totals.length).toBeGreaterThan(20);
  expect(totals[0]).toBeLessThan(size / 4);
  expect(totals.filter((total, index) => index > 0 && total <= totals[index - 1]!)).toEqual([]);
  expect(totals.at(-1)).toBeGreaterThanOrEqual(size);
  expect(totals.at(-1)).toBeLessThan(size + MOST_BESIDE);
}
