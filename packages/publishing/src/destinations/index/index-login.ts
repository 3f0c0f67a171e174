import { createRedactor, type Finding, type Secret } from '@waybill/core';

/** How a destination shows who it is. */
export interface IndexLogin {
  /** Sent where files are read that belong to the index; absent where reading needs nobody's leave. */
  reading?: string;
  /** For an upload; what has expired is asked for anew. */
  uploading(): Promise<string | undefined>;
  /** Whether uploads will be let in, as far as that can be told before the first byte. Not asked when there is nothing to send. */
  check(): Promise<readonly Finding[]>;
  /** Takes its secrets out of what a server said. */
  hide(text: string): string;
}

export const basicAuthorization = (user: string, password: Secret): string =>
  `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;

export const NO_LOGIN: IndexLogin = { uploading: async () => undefined, check: async () => [], hide: (text) => text };

/** A token, or a user with a password. */
export function tokenLogin({ user, password }: { user: string; password: Secret }): IndexLogin {
  const reading = basicAuthorization(user, password);
  return { reading, uploading: async () => reading, check: async () => [], hide: createRedactor([password]) };
}
