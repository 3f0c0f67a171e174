import { resolve } from 'node:path';
import { Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { readCertificates } from '../inside/credential';
import { gatherCredential } from '../inside/gather-credential';
import { openIdentity, type IdentityNames, type SigningIdentity } from './open-identity';
import { FILE_TIMEOUT_MS, type ToolPorts } from '../inside/run-signer';
import { FILE_STORES, storeText, type StoreKey } from './signers/jsign';
import { peToolOf } from './signers/pe-key';
import { bareFileOf, readThumbprint, storeCertificateText, type StoreCertificate, type StoreOwner } from './signers/signtool';

export interface AuthenticodeOptions {
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
  identityEnv?: string | undefined;
  identityStore?: StoreOwner | undefined;
  osslsigncode?: string | undefined;
  jsign?: string | undefined;
  signtool?: string | undefined;
  keystore?: { type: StoreKey['type']; name: string; alias?: string | undefined } | undefined;
}

type Context = StageContext<AuthenticodeOptions>;

/** The tool, found by option, variable or PATH only when it is needed. */
export async function toolPorts({ tools, options, processes, toolEnvironment, timeoutMs }: Context): Promise<ToolPorts> {
  const { tool: descriptor, named } = peToolOf(options);
  const tool = await tools.resolve(descriptor, named);
  return { processes, tool, environment: toolEnvironment, timeoutMs: Math.min(timeoutMs, FILE_TIMEOUT_MS) };
}

/** The certificate that the variables hold or name, or that of a key store, tried. The variables that are named are set. */
export async function gatherIdentity(context: Context): Promise<SigningIdentity> {
  const { passwordEnv, keystore, identityEnv, identityStore: owner = 'user' } = context.options;
  if (identityEnv !== undefined) {
    const key: StoreCertificate = { kind: 'certificate', thumbprint: readThumbprint(context.environment[identityEnv]!, identityEnv, owner), owner };
    return openIdentity(key, namesOf(storeCertificateText(key), undefined), await toolPorts(context), Date.now());
  }
  if (keystore) return openIdentity(storeOf(context, keystore), namesOf(storeText(keystore), passwordEnv), await toolPorts(context), Date.now());
  const { credential, certificateVariable } = gatherCredential(context, 'authenticode');
  const ports = await toolPorts(context);
  if (context.options.signtool !== undefined)
    return openIdentity(bareFileOf(credential, certificateVariable), namesOf(certificateVariable, undefined), ports, Date.now());
  return openIdentity(credential, namesOf(certificateVariable, passwordEnv), ports, Date.now());
}

const namesOf = (variable: string, passwordEnv: string | undefined): IdentityNames => ({
  variable,
  ...(passwordEnv !== undefined && { passwordVariable: passwordEnv }),
});

function storeOf({ options, environment, workspaceRoot }: Context, { type, name, alias }: NonNullable<AuthenticodeOptions['keystore']>): StoreKey {
  const { certificateEnv, passwordEnv } = options;
  const isFile = (FILE_STORES as readonly string[]).includes(type);
  return {
    kind: 'store',
    type,
    name: isFile ? resolve(workspaceRoot, name) : name,
    ...(alias !== undefined && { alias }),
    ...(passwordEnv !== undefined && { password: new Secret(environment[passwordEnv]!) }),
    ...(certificateEnv !== undefined && {
      certificates: readCertificates({
        ...{ secret: new Secret(environment[certificateEnv]!), variable: certificateEnv },
        ...{ backend: 'authenticode' as const, workspaceRoot },
      }),
    }),
  };
}
