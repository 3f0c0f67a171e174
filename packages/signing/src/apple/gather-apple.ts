import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageContext } from '@waybill/plugin-kit';
import { signingErrors } from '../errors/signing-errors';
import { gatherCredential } from '../inside/gather-credential';
import { FILE_TIMEOUT_MS } from '../inside/run-signer';
import { readEntitlements } from './entitlements';
import { openAppleIdentity, type AppleIdentity } from './open-identity';
import { codeToolOf, type CodePorts } from './signers/code-signer';

export interface AppleOptions {
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
  identityEnv?: string | undefined;
  codesign?: string | undefined;
  rcodesign?: string | undefined;
  entitlements: readonly { glob: string; file: string }[];
}

type Context = StageContext<AppleOptions>;

/** The tool, found by option, variable or PATH only when it is needed. */
export async function applePorts({ tools, options, processes, toolEnvironment, timeoutMs }: Context): Promise<CodePorts> {
  const { tool: descriptor, named, beside } = codeToolOf(options, process.platform);
  const tool = await tools.resolve(descriptor, named);
  const { certificateEnv, keyEnv, identityEnv, passwordEnv } = options;
  return {
    ...{ processes, tool, environment: toolEnvironment, timeoutMs: Math.min(timeoutMs, FILE_TIMEOUT_MS) },
    ...(beside && { mac: { security: await tools.resolve(beside.security), productsign: await tools.resolve(beside.productsign) } }),
    names: { variable: certificateEnv ?? keyEnv ?? identityEnv ?? '', ...(passwordEnv !== undefined && { passwordVariable: passwordEnv }) },
  };
}

/** The certificate that the variables hold or name, tried. The one of the certificate, of the key, or of the name, is set. */
export async function gatherApple(context: Context): Promise<AppleIdentity> {
  const { identityEnv } = context.options;
  if (identityEnv !== undefined) {
    const key = { kind: 'keychain' as const, named: context.environment[identityEnv]!, variable: identityEnv };
    return openAppleIdentity(key, await applePorts(context), Date.now());
  }
  const { credential } = gatherCredential(context, 'apple');
  return openAppleIdentity(credential, await applePorts(context), Date.now());
}

/** Texts of the files that `entitlements` names (`SIGN_ENTITLEMENTS`). */
export function gatherEntitlements({ workspaceRoot, options }: Context): readonly { glob: string; text: string }[] {
  return options.entitlements.map(({ glob, file }) => {
    const path = join(workspaceRoot, file);
    if (!existsSync(path)) throw signingErrors.error('SIGN_ENTITLEMENTS', { file, reason: 'there is no such file in the workspace' });
    return { glob, text: readEntitlements(readFileSync(path, 'utf8'), file) };
  });
}
