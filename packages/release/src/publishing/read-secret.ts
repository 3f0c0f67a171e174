import { Secret } from '@waybill/core';
import { publishErrors } from '../errors/publish-errors';

/** A variable that holds a secret, and the option that names it. */
export interface Credential {
  option: string;
  variable: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const isSet = ({ variable }: Credential, environment: Environment): boolean => (environment[variable]?.trim() ?? '') !== '';

/** The value of a variable, without white space around it (`PUBLISH_CREDENTIAL`). */
export function readSecret(id: string, credential: Credential, environment: Environment): Secret {
  const value = environment[credential.variable]?.trim();
  if (!value) throw publishErrors.error('PUBLISH_CREDENTIAL', { id, ...credential });
  return new Secret(value);
}
