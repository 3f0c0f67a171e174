import type { MachOSlice } from '../../macho-facts';
import type { SignerVerification, TrustRequest } from '../../cms/cms-verification';
import type { MachOSignature } from './macho-signature-facts';
import type { Reading } from '../../binary-refusal';
import type { SignatureProblem } from '../../signature-problem';

/** What carries a signature: a slice of a Mach-O file, or a disk image up to its trailer. */
export type SignedRange = Pick<MachOSlice, 'offset' | 'size' | 'signature' | 'segments'>;

export interface VerifyMachORequest extends TrustRequest {
  /** Bytes of the bundle's Info.plist; without them the one inside the file counts, if there is one. */
  infoPlist?: Uint8Array;
  /** Bytes of `_CodeSignature/CodeResources`. */
  codeResources?: Uint8Array;
}

/** What a check of one slice's signature found. It holds when `problems` is empty, but only a `kind` of `certificate` says who signed. */
export interface MachOVerification {
  /** `ad-hoc`: made without a key, and says so: anyone can make it. `none`: neither ad-hoc by its flag nor signed by anyone. */
  kind: 'certificate' | 'ad-hoc' | 'none';
  signature: MachOSignature;
  directories: readonly { slot: number; cdhash: string; badPages: readonly number[] }[];
  /** Special slots of the first directory, and what should be covered by one. */
  slots: readonly SlotState[];
  signer?: SignerVerification;
  /** All: those of the pages, the slots, the signer with chain and timestamp. That there is no timestamp is none. */
  problems: readonly SignatureProblem[];
}

export interface SlotState {
  slot: number;
  name: string;
  /** `not-given`: the slot is filled, and its file (Info.plist, CodeResources) was not handed over. */
  state: 'matches' | 'differs' | 'unbound' | 'missing' | 'not-given';
}

export type MachOVerificationReading = Reading<MachOVerification>;
