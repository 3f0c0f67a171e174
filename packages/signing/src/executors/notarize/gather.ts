import { Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { notarizeErrors } from '../../errors/notarize-errors';
import { signingErrors } from '../../errors/signing-errors';
import { readApiKey, type ApiKey } from '../../notary/api-key';
import type { NotarizeOptions } from './options';

/** The API key, or that there is none. */
export interface NotarizeFacts {
  key?: ApiKey;
}

type Context = StageContext<NotarizeOptions>;

/** Variables of other tools for credentials that Apple’s own program alone takes. */
const APPLE_ID = ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD'];

/** Everything that can be wrong with the key is found here, before anything is looked at or sent. */
export async function gatherApiKey({ options, environment, dryRun, projectName, targetName }: Context): Promise<NotarizeFacts> {
  const { keyEnv, keyIdEnv, issuerEnv, skip, passEnv } = options;
  if (skip !== undefined) return {};
  if (passEnv.includes(keyEnv)) throw signingErrors.error('SIGN_SECRET_PASSED', { variable: keyEnv });
  const named = Object.entries({ keyEnv, keyIdEnv, issuerEnv });
  const missing = named.flatMap(([option, name]) => (environment[name]?.trim() ? [] : [`the variable ${name} (\`${option}\`) is not set`]));
  if (missing.length > 0) {
    if (dryRun) return {};
    const appleId = APPLE_ID.filter((name) => environment[name]?.trim());
    throw notarizeErrors.error('NOTARIZE_CREDENTIAL', { target: `${projectName}:${targetName}`, missing, appleId });
  }
  const source = { keyId: environment[keyIdEnv]!, keyIdVariable: keyIdEnv, issuer: environment[issuerEnv]!, issuerVariable: issuerEnv };
  return { key: readApiKey({ ...source, key: new Secret(environment[keyEnv]!), keyVariable: keyEnv }) };
}
