import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const standIn = (name: string): Promise<Record<string, (...args: unknown[]) => Promise<unknown>>> =>
  import(pathToFileURL(join(__dirname, '../../../../tools/stand-ins', `${name}.mjs`)).href);

export interface IdTokens {
  /** What a job of GitHub finds in its environment. */
  variables: Record<string, string>;
  /** What was given to jobs of GitHub. */
  given: string[];
  requestToken: string;
  keys: object;
  /** An id token of any claims. */
  make(claims: object): string;
  stop(): Promise<void>;
}

export const startIdTokens = async (options: object = {}): Promise<IdTokens> =>
  (await standIn('id-tokens'))['startIdTokens']!(options) as Promise<IdTokens>;

export const idTokenClaims = async (): Promise<Record<'GITHUB' | 'GITLAB', string> & Record<'GITHUB_JOB' | 'GITLAB_JOB', object>> =>
  (await standIn('id-tokens')) as never;

export interface SigstoreStandIn {
  url: string;
  /** What was asked, each time. */
  requests: string[];
  entries: Map<string, object>;
  /** For whoever verifies. */
  trust: object;
  /** The same, as sigstore gives its keys away. */
  trustedRoot: object;
  /** Instead of the honest answer. `number` counts requests from 1. */
  answer(request: { method: string; url: string; socket: { destroy(): unknown } }, number: number): { status: number; text?: string } | undefined;
  stop(): Promise<void>;
}

export const startSigstore = async (options: object): Promise<SigstoreStandIn> =>
  (await standIn('sigstore'))['startSigstore']!(options) as Promise<SigstoreStandIn>;
