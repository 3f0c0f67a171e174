import { WaybillError, type Finding } from '@waybill/core';

/** A refusal as a finding of the preflight: its code is the check. */
export const errorFinding = ({ code, message, fix, details }: WaybillError): Finding => ({
  check: code,
  level: 'error',
  message: details.length === 0 ? message : `${message} (${details.join('; ')})`,
  fix,
});

/** What a check of the preflight refuses, as findings. A connection that gives no answer is thrown. */
export async function findingsOf(ask: () => Promise<unknown>): Promise<readonly Finding[]> {
  try {
    await ask();
    return [];
  } catch (error) {
    if (error instanceof WaybillError && error.code.startsWith('PUBLISH_')) return [errorFinding(error)];
    throw error;
  }
}
