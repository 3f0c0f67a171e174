import { JSIGN, OSSLSIGNCODE, type ToolDescriptor } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import type { ToolPorts } from '../../inside/run-signer';
import { withOsslsigncode, type SignPe } from '../osslsigncode';
import { withJsign, type StoreKey } from './jsign';

/** What signs: a key that is at hand, or one in a token or with a service. */
export type PeKey = Credential | StoreKey;

/** The program for a kind of key. */
export const toolFor = (kind: 'credential' | 'store'): ToolDescriptor => (kind === 'store' ? JSIGN : OSSLSIGNCODE);

/** The tool with its key at hand, for the time of `work`. */
export const withPeSigner = <T>(key: PeKey, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> =>
  key.kind === 'store' ? withJsign(key, ports, work) : withOsslsigncode(key, ports, work);
