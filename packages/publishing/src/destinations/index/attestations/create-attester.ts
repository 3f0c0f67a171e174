import { sign } from 'node:crypto';
import { networkErrorCodes, WaybillError, type Finding, type HttpClient } from '@waybill/core';
import {
  holdsLongEnough,
  newKeys,
  PUBLIC_SIGSTORE,
  requestCertificate,
  SIGSTORE_AUDIENCE,
  type CertifiedKey,
  type IdToken,
  type JobVariables,
  type Sigstore,
} from '@waybill/signatures';
import type { PublishFile } from '../../../destination';
import { publishingErrors } from '../../../errors/publishing-errors';
import { errorFinding } from '../../error-finding';
import { reusableWorkflow } from '../trusted/describe-claims';
import { fetchIdToken } from '../trusted/fetch-id-token';
import { wordsOf } from '../words-of-server';
import { preAuthEncoding, publishStatement, type Attestation } from './attestation';
import { logEnvelope } from './log-envelope';

export interface AttesterConfig {
  id: string;
  http: HttpClient;
  variables: JobVariables;
  nowMs(): number;
  /** Kind of the statement that an index expects of a publisher. */
  predicateType(): Promise<string>;
  /** By default the public one. */
  sigstore?: Sigstore;
}

/** Says of files who published them. */
export interface Attester {
  /**
   * Whether this job can: before the first byte. A job that has no identity for sigstore publishes without, and one of a reusable workflow too: its
   * certificate names that workflow, and the token of the index the one that was started, so that the index would refuse the file.
   */
  check(): Promise<readonly Finding[]>;
  /** `undefined` where this job cannot. The same one for the same bytes, however often it is asked for. */
  attest(file: PublishFile): Promise<Attestation | undefined>;
  /** What it says, for comparing with what an index shows. */
  predicateType(): Promise<string>;
}

/** Codes of a job that has no identity to give. */
const NO_IDENTITY: ReadonlySet<string> = new Set(['PUBLISH_TRUSTED_VARIABLE', 'PUBLISH_TRUSTED_NOWHERE', 'PUBLISH_TRUSTED_PERMISSION']);

/** PEP 740 with sigstore: a key of this run, a certificate for the job, and an entry in the public log for each file. The key stays in this process. */
export function createAttester(config: AttesterConfig): Attester {
  const made = new Map<string, Attestation>();
  let signer: CertifiedKey | undefined;
  let isUnable = false;
  const identity = (): Promise<IdToken> => answered(config.id, () => fetchIdToken({ ...config, audience: SIGSTORE_AUDIENCE }));
  const renew = async (known?: IdToken): Promise<CertifiedKey> => {
    if (signer === undefined || !holdsLongEnough(signer, config.nowMs())) {
      const keys = newKeys();
      const { fulcioUrl } = config.sigstore ?? PUBLIC_SIGSTORE;
      const idToken = known ?? (await identity());
      const given = await answered(config.id, () => requestCertificate({ ...config, fulcioUrl, keys, idToken }));
      if (!given.ok) throw publishingErrors.error('PUBLISH_ATTESTATION_IDENTITY', { id: config.id, status: given.status, said: wordsOf(given.said) });
      signer = { keys, certificate: given.value };
    }
    return signer;
  };
  return {
    predicateType: config.predicateType,
    async check() {
      try {
        const idToken = await identity();
        const reusable = reusableWorkflow(idToken.claims);
        isUnable = reusable !== undefined;
        if (reusable !== undefined) return [reusableFinding(config.id, reusable)];
        if (!config.http.readOnly) await renew(idToken);
        return [];
      } catch (cause) {
        if (!(cause instanceof WaybillError) || !cause.code.startsWith('PUBLISH_')) throw cause;
        isUnable = NO_IDENTITY.has(cause.code);
        const level = isUnable || config.http.readOnly ? 'warning' : 'error';
        const finding = errorFinding(cause);
        return [{ ...finding, path: config.id, level, message: isUnable ? `no attestations are made: ${finding.message}` : finding.message }];
      }
    },
    async attest(file) {
      if (isUnable) return undefined;
      const known = made.get(file.sha256);
      if (known) return known;
      const held = await renew();
      const attestation = await answered(config.id, () => attestFile(config, held, file));
      made.set(file.sha256, attestation);
      return attestation;
    },
  };
}

/** A connection to sigstore that gives no answer is told as one: the index is not at fault, and it can be done without. */
async function answered<Result>(id: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof WaybillError) || !networkErrorCodes.includes(cause.code)) throw cause;
    throw publishingErrors.error('PUBLISH_ATTESTATION_UNANSWERED', { id, reason: cause.message, details: cause.details, fix: cause.fix }, { cause });
  }
}

const reusableFinding = (id: string, workflow: string): Finding => ({
  ...{ check: 'attestations', level: 'warning', path: id },
  message: `no attestations are made: the job stands in a reusable workflow (${workflow}), which its certificate would name and the index does not expect`,
  fix: 'let the workflow that was started publish itself, or set `"attestations": "off"`',
});

async function attestFile(config: AttesterConfig, { keys, certificate }: CertifiedKey, file: PublishFile): Promise<Attestation> {
  const statement = publishStatement(file, await config.predicateType());
  const signature = sign('sha256', preAuthEncoding(statement), keys.privateKey);
  const { rekorUrl } = config.sigstore ?? PUBLIC_SIGSTORE;
  const entry = await logEnvelope({ ...config, rekorUrl, certificate, statement, signature });
  return {
    version: 1,
    verification_material: { certificate: certificate.raw.toString('base64'), transparency_entries: [entry] },
    envelope: { statement: statement.toString('base64'), signature: signature.toString('base64') },
  };
}
