import { CODESIGN, RCODESIGN, SECURITY, type ResolvedTool, type ToolDescriptor } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import type { ToolPorts } from '../../inside/run-signer';
import type { KeychainKey } from '../keychain/named-identity';
import type { KeychainPorts } from '../keychain/security';
import type { IdentityNames } from '../open-identity';
import { withRcodesign, type SignCode } from '../rcodesign';
import { withCodesign } from './codesign';

/** What signs code for macOS: a key that is at hand, or one that the keychains of a Mac keep. */
export type CodeKey = Credential | KeychainKey;

/** The program; `security` stands beside codesign alone. */
export interface CodePorts extends ToolPorts {
  security?: ResolvedTool;
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
  beside?: ToolDescriptor;
}

const CODESIGN_TOOL: CodeTool = { tool: CODESIGN, beside: SECURITY };
const RCODESIGN_TOOL: CodeTool = { tool: RCODESIGN };
/** By system; elsewhere rcodesign, which runs anywhere. */
const BY_SYSTEM: Readonly<Record<string, CodeTool>> = { darwin: CODESIGN_TOOL };

/** Apple’s own on a Mac, unless an option names one. Keychains are read by codesign alone. */
export function codeToolOf({ identityEnv, codesign, rcodesign }: CodeToolOptions, system: string): CodeTool {
  if ((codesign ?? identityEnv) !== undefined) return { ...CODESIGN_TOOL, named: codesign };
  if (rcodesign !== undefined) return { ...RCODESIGN_TOOL, named: rcodesign };
  return BY_SYSTEM[system] ?? RCODESIGN_TOOL;
}

/** The tool with its key at hand, for the time of `work`; without a key it signs ad-hoc. */
export function withCodeSigner<T>(key: CodeKey | undefined, ports: CodePorts, work: (sign: SignCode) => Promise<T>): Promise<T> {
  const { security, names } = ports;
  if (security !== undefined) return withCodesign(key, { ...ports, security } satisfies KeychainPorts, names, work);
  return withRcodesign(key as Credential | undefined, ports, work);
}
