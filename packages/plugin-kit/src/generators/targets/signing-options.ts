import type { JsonObject } from '../generator-tree';

/** How what ships is signed: with a key in a variable, or not yet, for a reason that every run and every release shows. */
export type Signing = { backend: string; keyEnv: string; passwordEnv?: string; fingerprint?: string } | { allowUnsigned: string };

export const NO_KEY_YET: Signing = { allowUnsigned: 'no key chosen yet' };

const KEYS = ['allowUnsigned', 'backend', 'keyEnv', 'passwordEnv', 'fingerprint'] as const;

export function signingOptions(signing: Signing): JsonObject {
  return { ...signing };
}

/** The signing that a target has, if it has one. */
export function signingOf(options: Readonly<Record<string, unknown>> | undefined): Signing | undefined {
  const own = Object.fromEntries(KEYS.filter((key) => typeof options?.[key] === 'string').map((key) => [key, options![key]]));
  const whole = 'allowUnsigned' in own || ('backend' in own && 'keyEnv' in own);
  return whole ? (own as unknown as Signing) : undefined;
}

/** Options with another signing; everything else stays. */
export function withSigning(options: Readonly<Record<string, unknown>> | undefined, signing: Signing): JsonObject {
  const rest = Object.entries(options ?? {}).filter(([key]) => !(KEYS as readonly string[]).includes(key));
  return { ...signingOptions(signing), ...Object.fromEntries(rest) };
}
