import { OSSLSIGNCODE, Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { readCredential } from '../inside/credential';
import { openIdentity, type SigningIdentity } from './open-identity';
import { FILE_TIMEOUT_MS, type ToolPorts } from '../inside/run-signer';

export interface AuthenticodeOptions {
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
  osslsigncode?: string | undefined;
}

type Context = StageContext<AuthenticodeOptions>;

/** The tool, found by option, variable or PATH only when it is needed. */
export async function toolPorts({ tools, options, processes, toolEnvironment, timeoutMs }: Context): Promise<ToolPorts> {
  const tool = await tools.resolve(OSSLSIGNCODE, options.osslsigncode);
  return { processes, tool, environment: toolEnvironment, timeoutMs: Math.min(timeoutMs, FILE_TIMEOUT_MS) };
}

/** The certificate that the variables hold, tried. Both are set. */
export async function gatherIdentity(context: Context): Promise<SigningIdentity> {
  const { certificateEnv, keyEnv, passwordEnv } = context.options;
  const secret = (name: string | undefined): Secret | undefined => {
    const value = name === undefined ? undefined : context.environment[name];
    return value ? new Secret(value) : undefined;
  };
  const certificateVariable = (certificateEnv ?? keyEnv)!;
  const [key, password] = [certificateEnv === undefined ? undefined : secret(keyEnv), secret(passwordEnv)];
  const passwordVariable = passwordEnv === undefined ? {} : { passwordVariable: passwordEnv };
  const credential = readCredential({
    certificate: secret(certificateVariable)!,
    certificateVariable,
    backend: 'authenticode',
    ...(key && { key, keyVariable: keyEnv! }),
    ...(password && { password }),
    ...passwordVariable,
  });
  if (credential.kind === 'pem') context.conceal(credential.plainKey);
  const ports = await toolPorts(context);
  return openIdentity(credential, { variable: certificateVariable, ...passwordVariable }, ports, Date.now());
}
