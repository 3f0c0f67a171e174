import { createProcesses, createTools } from '@waybill/core';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { notarizeStage } from '../executors/notarize/notarize';
import { buildDiskImage } from './images';
import { ISSUER, KEY_ID, startNotary, testApiKey, testClock, type NotaryStandIn, type TestClock, type TestApiKey } from './notary-under-test';

export interface ImageNotarizing {
  key: TestApiKey;
  clock: TestClock;
  notary: NotaryStandIn;
  /** Ends in `.dmg` or `.pkg`. */
  name: string;
  content: Uint8Array;
  options?: object;
  /** Of the record of the target that signed. */
  facts?: NonNullable<ExecutorRequest['upstream']>[number]['facts'];
}

/** Runs `notarize` on a disk image or package that `sign-macos` left, with the stand-in of Apple’s service. */
export function notarizeImage({ key, clock, notary, name, content, options = {}, facts = {} }: ImageNotarizing): Promise<ExecutorRun> {
  const endpoints = { notary: notary.notaryUrl, bucket: notary.bucketUrl, tickets: notary.ticketUrl };
  return runExecutor(notarizeStage(clock), {
    target: 'notarize-macos',
    upstream: [{ target: 'sign-macos', stage: 'sign', artifacts: [{ name, kind: name.endsWith('.dmg') ? 'dmg' : 'pkg', content }], facts }],
    options: { endpoints, ...options },
    environment: { APPLE_API_KEY: key.pem, APPLE_API_KEY_ID: KEY_ID, APPLE_API_ISSUER: ISSUER },
  });
}

/** A notary that each test of a spec finds fresh; what runs with it is removed behind the test. */
export function useImageNotary(): {
  readonly notary: NotaryStandIn;
  notarize(image: Omit<ImageNotarizing, 'key' | 'clock' | 'notary'>): Promise<ExecutorRun>;
} {
  const [key, clock] = [testApiKey(), testClock()];
  const runs: ExecutorRun[] = [];
  let notary: NotaryStandIn;
  beforeEach(async () => {
    notary = await startNotary(key, { nowMs: clock.nowMs });
  });
  afterEach(async () => {
    await notary.stop();
    for (const run of runs.splice(0)) await run.remove();
  });
  return {
    get notary() {
      return notary;
    },
    notarize: async (image) => {
      const run = await notarizeImage({ key, clock, notary, ...image });
      runs.push(run);
      return run;
    },
  };
}

/** What `notarizeByTool` sends: Apple alone looks into it. */
export const TOOL_IMAGE = { name: 'app-0.3.0-macos-aarch64.dmg', content: buildDiskImage() };

export interface ToolNotarizing {
  clock: TestClock;
  /** Folder with the program, for PATH. */
  bin: string;
  variables: object;
  options: object;
  request?: ExecutorRequest;
}

/**
 * Runs `notarize` by a program that is real or stands in for Apple’s, on a disk image. It speaks with Apple alone, whose signers no test has: the image is not signed, and no ticket asked
 * for.
 */
export function notarizeByTool({ clock, bin, variables, options, request = {} }: ToolNotarizing): Promise<ExecutorRun> {
  const environment = { PATH: `${bin}:${process.env['PATH']!}`, ...variables } as Record<string, string>;
  const processes = createProcesses();
  const artifact = { ...TOOL_IMAGE, kind: 'dmg' as const, platform: 'macos-aarch64' };
  return runExecutor(notarizeStage(clock), {
    target: 'notarize-macos',
    upstream: [{ target: 'sign-macos', stage: 'sign', artifacts: [artifact] }],
    options: { staple: false, ...options },
    environment,
    processes,
    tools: createTools({ processes, environment }),
    ...request,
  });
}
