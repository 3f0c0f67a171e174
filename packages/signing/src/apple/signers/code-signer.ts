import { CODESIGN, PRODUCTSIGN, RCODESIGN, SECURITY, type ToolDescriptor } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import type { ToolPorts } from '../../inside/run-signer';
import type { KeychainKey } from '../keychain/named-identity';
import type { KeychainPorts } from '../keychain/security';
import type { IdentityNames } from '../open-identity';
import { withRcodesign, type SignAll } from '../rcodesign';
import { withCodesign, type OpenIdentity } from './codesign';

/** What signs code for macOS: a key that is at hand, or one that the keychains of a Mac keep. */
export type CodeKey = Credential | KeychainKey;

/** The program; `mac` stands beside codesign alone. */
export interface CodePorts extends ToolPorts {
  mac?: Pick<KeychainPorts, 'security' | 'productsign'>;
  names: IdentityNames;
}

export interface CodeToolOptions {
  identityEnv?: string | undefined;
  codesign?: string | undefined;
  rcodesign?: string | undefined;
}

interface CodeTool {
  tool: ToolDescriptor;
  /** What an option names it. */
  named?: string | undefined;
  /** What else it needs. */
  beside?: Readonly<Record<'security' | 'productsign', ToolDescriptor>>;
}

const CODESIGN_TOOL: CodeTool = { tool: CODESIGN, beside: { security: SECURITY, productsign: PRODUCTSIGN } };
const RCODESIGN_TOOL: CodeTool = { tool: RCODESIGN };
/** By system; elsewhere rcodesign, which runs anywhere. */
const BY_SYSTEM: Readonly<Record<string, CodeTool>> = { darwin: CODESIGN_TOOL };

/** Apple’s own on a Mac, unless an option names one. Keychains are read by codesign alone. */
export function codeToolOf({ identityEnv, codesign, rcodesign }: CodeToolOptions, system: string): CodeTool {
  if ((codesign ?? identityEnv) !== undefined) return { ...CODESIGN_TOOL, named: codesign };
  if (rcodesign !== undefined) return { ...RCODESIGN_TOOL, named: rcodesign };
  return BY_SYSTEM[system] ?? RCODESIGN_TOOL;
}

/** The tool with its key at hand, for the time of `work`, and which of a keychain it is; without a key it signs ad-hoc. */
export function withCodeSigner<T>(
  key: CodeKey | undefined,
  ports: CodePorts,
  work: (sign: SignAll, opened?: OpenIdentity) => Promise<T>,
): Promise<T> {
  const { mac, names } = ports;
  if (mac !== undefined) return withCodesign(key, { ...ports, ...mac } satisfies KeychainPorts, names, work);
  return withRcodesign(key as Credential | undefined, ports, work);
}
