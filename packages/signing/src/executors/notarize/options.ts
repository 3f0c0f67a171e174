import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
const address = z.url({ protocol: /^https?$/, error: 'an address that begins with `https://`' });
const DAY_MS = 86_400_000;

export const notarizeOptions = z
  .strictObject({
    ...commonOptions,
    timeoutMs: z
      .number()
      .int()
      .min(1_000)
      .max(DAY_MS)
      .default(3_600_000)
      .describe('Longest time the target may take, in milliseconds. A tenth of it is kept for what comes behind the wait. Example: `7200000`'),
    artifacts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'What to notarize, of what is for macOS: kinds or globs over names. By default archives, `.app`, disk images and packages that ship. Example: `["bundle-archive"]`',
      ),
    backend: z
      .enum(['auto', 'rest', 'notarytool', 'rcodesign'])
      .default('auto')
      .describe(
        'How to speak with Apple: `rest`, Waybill’s own client of the Notary API, which runs anywhere and takes an API key; `notarytool`, Apple’s program, on a Mac; `rcodesign`, which runs anywhere too and takes an API key; `auto`: `notarytool` for a `keychainProfile`, else `rest`',
      ),
    keychainProfile: z
      .string()
      .trim()
      .min(1)
      .regex(/^[^-]/, 'a name that does not begin with `-`')
      .optional()
      .describe(
        'Name under which `xcrun notarytool store-credentials` put the credentials (an Apple ID, or an API key) into the keychain of this Mac. Example: `release`',
      ),
    keyEnv: variable
      .default('APPLE_API_KEY')
      .describe(
        'Name of the environment variable that holds the API key: the text of `AuthKey_….p8`, or that in base64, or the path of that file, absolute or relative to the workspace. Example: `MAC_NOTARY_KEY`',
      ),
    keyIdEnv: variable.default('APPLE_API_KEY_ID').describe('Name of the environment variable that holds the key ID. Example: `MAC_NOTARY_KEY_ID`'),
    issuerEnv: variable
      .default('APPLE_API_ISSUER')
      .describe('Name of the environment variable that holds the issuer ID (a UUID). Example: `MAC_NOTARY_ISSUER`'),
    wait: z.boolean().default(true).describe('Wait for Apple’s judgement. `false` submits, and is `pending` until a later run finds it'),
    waitMs: z
      .number()
      .int()
      .min(0)
      .max(DAY_MS)
      .default(2_700_000)
      .describe('Longest wait for Apple’s judgement, in milliseconds; then the target is `pending`, and the next run goes on. Example: `5400000`'),
    staple: z
      .boolean()
      .default(true)
      .describe(
        'Put the ticket into each `.app`, into each disk image that is signed (`.dmg`) and behind each package (`.pkg`), so that the first start needs no network. Bare folders and their archives can hold none',
      ),
    team: z
      .string()
      .regex(/^[A-Z0-9]{10}$/, 'the ten characters of a team ID')
      .optional()
      .describe(
        'Team ID that the certificates of all signatures must name. Without it disk images and packages must be signed by a team that the records of `sign` name, where there are any. Example: `TEAM123456`',
      ),
    endpoints: z
      .strictObject({
        notary: address.optional().describe('Collection of submissions'),
        bucket: address.optional().describe('S3 server of the uploads; the bucket is the first part of the path then'),
        tickets: address.optional().describe('Where tickets are looked up'),
      })
      .prefault({})
      .describe('Addresses in place of Apple’s, for tests. With one of `notary` no certificate needs to be Apple’s'),
    skip: z
      .string()
      .trim()
      .min(1, 'a reason is a text')
      .optional()
      .describe('Go on without notarization, for this reason; it stands in the record. Example: `"internal build"`'),
  })
  .superRefine(({ keyEnv, keyIdEnv, issuerEnv, backend, keychainProfile, endpoints }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    const tool = keychainProfile !== undefined ? 'notarytool' : backend;
    const isTool = tool === 'notarytool' || tool === 'rcodesign';
    if ((backend === 'rest' || backend === 'rcodesign') && keychainProfile !== undefined)
      refuse('keychainProfile', 'nothing: only Apple’s notarytool reads the keychain');
    if (isTool && (endpoints.notary ?? endpoints.bucket) !== undefined) refuse('endpoints', `nothing: ${tool} speaks with Apple alone`);
    const named = [keyEnv, keyIdEnv, issuerEnv];
    if (new Set(named).size < named.length) refuse('keyEnv', 'three variables, each with a value of its own');
  });

export type NotarizeOptions = z.output<typeof notarizeOptions>;
