import { JSIGN, OSSLSIGNCODE, SIGNTOOL, type ToolDescriptor } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import type { ToolPorts } from '../../inside/run-signer';
import { withOsslsigncode, type SignPe } from '../osslsigncode';
import { withJsign, type StoreKey } from './jsign';
import { withSigntool, type SigntoolKey } from './signtool';

/** What signs: a key that is at hand, one in a token or with a service, or one that Windows keeps. */
export type PeKey = Credential | StoreKey | SigntoolKey;

export interface PeToolOptions {
  identityEnv?: string | undefined;
  keystore?: unknown;
  osslsigncode?: string | undefined;
  jsign?: string | undefined;
  signtool?: string | undefined;
}

/** The program for a kind of key, and what an option names it. */
export function peToolOf(options: PeToolOptions): { tool: ToolDescriptor; named: string | undefined } {
  const { identityEnv, keystore, osslsigncode, jsign, signtool } = options;
  if (keystore !== undefined) return { tool: JSIGN, named: jsign };
  if ((identityEnv ?? signtool) !== undefined) return { tool: SIGNTOOL, named: signtool };
  return { tool: OSSLSIGNCODE, named: osslsigncode };
}

/** The tool with its key at hand, for the time of `work`. */
export function withPeSigner<T>(key: PeKey, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> {
  if (key.kind === 'store') return withJsign(key, ports, work);
  return key.kind === 'certificate' || key.kind === 'bare-pkcs12' ? withSigntool(key, ports, work) : withOsslsigncode(key, ports, work);
}
