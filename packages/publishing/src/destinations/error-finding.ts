import type { Finding, WaybillError } from '@waybill/core';

/** A refusal as a finding of the preflight: its code is the check. */
export const errorFinding = ({ code, message, fix, details }: WaybillError): Finding => ({
  check: code,
  level: 'error',
  message: details.length === 0 ? message : `${message} (${details.join('; ')})`,
  fix,
});
