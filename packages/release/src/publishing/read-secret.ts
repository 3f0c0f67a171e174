import { Secret } from '@waybill/core';
import { publishErrors } from '../errors/publish-errors';

/** A variable that a destination needs, and the option that names it. */
export interface Credential {
  option: string;
  variable: string;
  /** An address, that may be shown. */
  open?: true;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const isSet = ({ variable }: Credential, environment: Environment): boolean => (environment[variable]?.trim() ?? '') !== '';

/** The value of a variable, without white space around it (`PUBLISH_CREDENTIAL`). */
export function readSecret(id: string, credential: Credential, environment: Environment): Secret {
  const value = environment[credential.variable]?.trim();
  if (!value) throw publishErrors.error('PUBLISH_CREDENTIAL', { id, option: credential.option, variable: credential.variable });
  return new Secret(value);
}
