import { NOTARYTOOL, RCODESIGN, Secret, type ResolvedTool } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { notarizeErrors } from '../../errors/notarize-errors';
import { signingErrors } from '../../errors/signing-errors';
import { readApiKey, readKeyText, type ApiKey } from '../../notary/api-key';
import type { NotarytoolCredential } from '../../notary/notarytool';
import type { NotarizeOptions } from './options';

/** How the service is spoken with, and as whom. */
export type NotaryAccess =
  | { backend: 'rest'; key: ApiKey }
  | { backend: 'rcodesign'; tool: ResolvedTool; key: ApiKey }
  | { backend: 'notarytool'; tool: ResolvedTool; credential: NotarytoolCredential };

/** Credential and tool, or that there is none. */
export interface NotarizeFacts {
  access?: NotaryAccess;
  /** Names of archives that hold an `.app`, where tickets are put in. */
  archivesWithApp?: ReadonlySet<string>;
}

type Context = StageContext<NotarizeOptions>;

/** Variables of other tools for a credential that only the keychain may hold. */
const APPLE_ID = ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD'];

/** Everything that can be wrong with the credential is found here, before anything is looked at or sent. */
export async function gatherAccess(context: Context): Promise<NotarizeFacts> {
  const { options, dryRun, tools } = context;
  const { keyEnv, skip, passEnv, keychainProfile } = options;
  if (skip !== undefined) return {};
  if (passEnv.includes(keyEnv)) throw signingErrors.error('SIGN_SECRET_PASSED', { variable: keyEnv });
  refuseTwoKinds(context);
  if (keychainProfile === undefined && options.backend !== 'notarytool') {
    const key = gatherApiKey(context);
    if (key === undefined) return {};
    if (options.backend !== 'rcodesign') return { access: { backend: 'rest', key } };
    return dryRun ? {} : { access: { backend: 'rcodesign', tool: await tools.resolve(RCODESIGN), key } };
  }
  const credential = keychainProfile === undefined ? gatherApiKey(context) : { profile: keychainProfile };
  if (credential === undefined || dryRun) return {};
  const tool = await tools.resolve(NOTARYTOOL);
  return { access: { backend: 'notarytool', tool, credential: 'profile' in credential ? credential : { key: credential } } };
}

const isSet = ({ environment }: Context, name: string): boolean => Boolean(environment[name]?.trim());

/** Which of them is meant nobody can tell, and they may be of different accounts. */
function refuseTwoKinds(context: Context): void {
  const { keyEnv, keychainProfile, backend } = context.options;
  const [hasKey, hasAppleId] = [isSet(context, keyEnv), APPLE_ID.every((name) => isSet(context, name))];
  const found = [
    ...(keychainProfile === undefined ? [] : [`the keychain profile \`${keychainProfile}\` (\`keychainProfile\`)`]),
    ...(hasKey ? [`an API key in ${keyEnv} (\`keyEnv\`)`] : []),
    // Who asks for a backend that takes no Apple ID has chosen.
    ...(hasAppleId && backend === 'auto' ? [`an Apple ID in ${APPLE_ID.join(', ')}`] : []),
  ];
  if (found.length > 1) throw notarizeErrors.error('NOTARIZE_TWO_KINDS', { target: `${context.projectName}:${context.targetName}`, found });
}

/** `undefined`: there is none, in a dry run. */
function gatherApiKey(context: Context): ApiKey | undefined {
  const { options, environment, dryRun, projectName, targetName, workspaceRoot } = context;
  const { keyEnv, keyIdEnv, issuerEnv } = options;
  const named = Object.entries({ keyEnv, keyIdEnv, issuerEnv });
  const missing = named.flatMap(([option, name]) => (isSet(context, name) ? [] : [`the variable ${name} (\`${option}\`) is not set`]));
  if (missing.length > 0) {
    if (dryRun) return undefined;
    const appleId = APPLE_ID.filter((name) => isSet(context, name));
    throw notarizeErrors.error('NOTARIZE_CREDENTIAL', { target: `${projectName}:${targetName}`, missing, appleId });
  }
  const source = { keyId: environment[keyIdEnv]!, keyIdVariable: keyIdEnv, issuer: environment[issuerEnv]!, issuerVariable: issuerEnv };
  const key = new Secret(readKeyText(environment[keyEnv]!, keyEnv, workspaceRoot));
  context.conceal(key);
  return readApiKey({ ...source, key, keyVariable: keyEnv });
}
