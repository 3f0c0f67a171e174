import { Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { readCredential, type Credential } from './credential';

export interface CredentialOptions {
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
}

/** A certificate with its key by the variables that hold or name it, of which those that are named are set, and the first of them. */
export function gatherCredential(
  context: StageContext<CredentialOptions>,
  backend: 'authenticode' | 'apple',
): { credential: Credential; certificateVariable: string } {
  const { environment, workspaceRoot, options } = context;
  const { certificateEnv, keyEnv, passwordEnv } = options;
  const secret = (name: string | undefined): Secret | undefined => {
    const value = name === undefined ? undefined : environment[name];
    return value ? new Secret(value) : undefined;
  };
  const certificateVariable = (certificateEnv ?? keyEnv)!;
  const [key, password] = [certificateEnv === undefined ? undefined : secret(keyEnv), secret(passwordEnv)];
  const credential = readCredential({
    ...{ certificate: secret(certificateVariable)!, certificateVariable, backend, workspaceRoot },
    ...(key && { key, keyVariable: keyEnv! }),
    ...(password && { password }),
    ...(passwordEnv !== undefined && { passwordVariable: passwordEnv }),
  });
  // of a file that a variable names nothing is known as a secret before
  context.conceal(credential.kind === 'pem' ? credential.plainKey : credential.file);
  return { credential, certificateVariable };
}
