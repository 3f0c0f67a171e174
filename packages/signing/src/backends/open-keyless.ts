import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient, jsonOf, type Secret } from '@waybill/core';
import { idTokenSource, PUBLIC_SIGSTORE, renderSigstoreIdentity, SIGSTORE_AUDIENCE, sigstoreFormat, type JobVariables } from '@waybill/signatures';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner } from './detached-signer';
import { identityMissing, keylessSigner } from './keyless-signer';

export interface KeylessOptions {
  identity: string;
  issuer: string;
  /** Relative to the workspace. */
  trustedRoot?: string | undefined;
  fulcioUrl?: string | undefined;
  rekorUrl?: string | undefined;
}

/** Variables of a job that are as good as a key. */
export const IDENTITY_VARIABLES: readonly string[] = ['SIGSTORE_ID_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'];

export interface KeylessWorld {
  workspaceRoot: string;
  environment: JobVariables;
  conceal(secret: Secret): void;
}

/** Nobody is asked yet; that this job has a way to an identity is checked (`SIGN_IDENTITY_MISSING`), and the root that is to vouch for it (`SIGN_TRUSTED_ROOT`). */
export async function openKeyless(options: KeylessOptions, { workspaceRoot, environment, conceal }: KeylessWorld): Promise<DetachedSigner> {
  const { identity, issuer, trustedRoot, fulcioUrl, rekorUrl } = options;
  const root = trustedRoot === undefined ? undefined : await readRoot(workspaceRoot, trustedRoot);
  const expected = { identity, issuer, ...(root && { trustedRoot: root }) };
  const read = sigstoreFormat.readPublicKey(renderSigstoreIdentity(expected));
  if (!read.ok) throw signingErrors.error('SIGN_TRUSTED_ROOT', { path: trustedRoot ?? 'keyless', reason: read.refusal.message });
  const source = idTokenSource(SIGSTORE_AUDIENCE, environment);
  if (typeof source === 'object') throw identityMissing(source);
  const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
  return keylessSigner({
    expected,
    ...{ variables: environment, nowMs: Date.now, pause, conceal },
    fulcioUrl: (fulcioUrl ?? PUBLIC_SIGSTORE.fulcioUrl).replace(/\/$/, ''),
    rekorUrl: (rekorUrl ?? PUBLIC_SIGSTORE.rekorUrl).replace(/\/$/, ''),
    http: createHttpClient({ readOnly: false, userAgent: 'waybill', env: environment }),
  });
}

async function readRoot(workspaceRoot: string, path: string): Promise<object> {
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_TRUSTED_ROOT', { path, reason });
  };
  const text = await readFile(join(workspaceRoot, path), 'utf8').catch((cause: NodeJS.ErrnoException) =>
    refuse(cause.code === 'ENOENT' ? 'it is not there' : cause.message),
  );
  const root = jsonOf(text);
  return typeof root === 'object' && root !== null ? root : refuse('it is no JSON object');
}
