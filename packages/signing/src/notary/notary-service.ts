import type { HttpClient } from '@waybill/core';
import type { Submission } from './notarize-file';
import { readHistory, readLog, readState, submit, type NotaryLog, type SubmissionState } from './notary-client';
import type { NotaryWire } from './notary-request';
import { uploadSubmission } from './upload-submission';

/** Apple’s notary service, by whatever speaks with it. `NOTARIZE_…`; `NOTARIZE_UNREACHABLE` when it gave no answer and may give one later. */
export interface NotaryService {
  /** What the journal knows it by: the same for all ways to the same service. */
  readonly address: string;
  /** `submit` sends the bytes in the same call: a submission whose answer was lost may have them. */
  readonly sendsWithSubmit: boolean;
  /** The last 100 submissions of the account, in no order. */
  history(): Promise<readonly SubmissionState[]>;
  /** `undefined`: the service does not know it, or it is another account’s. */
  state(id: string): Promise<SubmissionState | undefined>;
  /** `undefined`: there is none yet. */
  log(id: string): Promise<NotaryLog | undefined>;
  /** Makes a submission of that name; `BytesNotSent` when it was made and nothing else. Its bytes go with `upload`; without one they are there already. */
  submit(submission: Submission, name: string): Promise<{ id: string; upload?: () => Promise<void> }>;
}

/** The submission was made, and it is certain that its bytes did not arrive: it will never be judged. */
export class BytesNotSent extends Error {
  constructor(
    readonly id: string,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

export interface RestRequest {
  wire: NotaryWire;
  http: HttpClient;
  /** In place of Amazon’s own addresses. */
  bucket?: string | undefined;
  partBytes?: number | undefined;
}

/** By its REST interface, with an API key. */
export function restService({ wire, http, bucket, partBytes }: RestRequest): NotaryService {
  const { nowMs, pause } = wire;
  return {
    sendsWithSubmit: false,
    address: wire.url,
    history: () => readHistory(wire),
    state: (id) => readState(wire, id),
    log: (id) => readLog(wire, id),
    async submit(submission, name) {
      const { id, place } = await submit(wire, { name, sha256: submission.sha256 });
      return { id, upload: () => uploadSubmission({ ...submission, http, place, endpoint: bucket, partBytes, nowMs, pause }) };
    },
  };
}
