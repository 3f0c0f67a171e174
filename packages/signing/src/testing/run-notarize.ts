import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { notarizeStage } from '../executors/notarize/notarize';
import { ISSUER, KEY_ID, type NotaryStandIn, type TestClock, type TestApiKey } from './notary-under-test';

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
