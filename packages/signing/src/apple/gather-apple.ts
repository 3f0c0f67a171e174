import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RCODESIGN, Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { signingErrors } from '../errors/signing-errors';
import { readCredential } from '../inside/credential';
import { FILE_TIMEOUT_MS, type ToolPorts } from '../inside/run-signer';
import { readEntitlements } from './entitlements';
import { openAppleIdentity, type AppleIdentity } from './open-identity';

export interface AppleOptions {
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
  rcodesign?: string | undefined;
  entitlements: readonly { glob: string; file: string }[];
}

type Context = StageContext<AppleOptions>;

/** The tool, found by option, variable or PATH only when it is needed. */
export async function applePorts({ tools, options, processes, toolEnvironment, timeoutMs }: Context): Promise<ToolPorts> {
  const tool = await tools.resolve(RCODESIGN, options.rcodesign);
  return { processes, tool, environment: toolEnvironment, timeoutMs: Math.min(timeoutMs, FILE_TIMEOUT_MS) };
}

/** The certificate that the variables hold, tried. The one of the certificate, or of the key, is set. */
export async function gatherApple(context: Context): Promise<AppleIdentity> {
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
    backend: 'apple',
    ...(key && { key, keyVariable: keyEnv! }),
    ...(password && { password }),
    ...passwordVariable,
  });
  if (credential.kind === 'pem') context.conceal(credential.plainKey);
  return openAppleIdentity(credential, { variable: certificateVariable, ...passwordVariable }, await applePorts(context), Date.now());
}

/** Texts of the files that `entitlements` names (`SIGN_ENTITLEMENTS`). */
export function gatherEntitlements({ workspaceRoot, options }: Context): readonly { glob: string; text: string }[] {
  return options.entitlements.map(({ glob, file }) => {
    const path = join(workspaceRoot, file);
    if (!existsSync(path)) throw signingErrors.error('SIGN_ENTITLEMENTS', { file, reason: 'there is no such file in the workspace' });
    return { glob, text: readEntitlements(readFileSync(path, 'utf8'), file) };
  });
}
