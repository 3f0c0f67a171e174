import { coreErrors } from '../errors/core-errors';
import { WaybillError } from '../errors/waybill-error';

/** Codes of requests that got no certain answer: after a write the server may or may not have done it. */
export const networkErrorCodes: readonly string[] = ['NETWORK_FAILED', 'NETWORK_TIMEOUT'];

const AGAIN = 'run it again: what was done already is seen and not repeated; if it stays, look at the network between here and the server';
const NAMED = 'correct the address in the option or variable that names the server, or the name service of this machine';
const TRUST =
  'if the server is yours, let `NODE_EXTRA_CA_CERTS` name the file of its certificate authority; otherwise somebody stands between: do not go on';

/** [system codes, reason in words, fix, whether a read may be repeated] */
const REASONS: readonly [RegExp, string, string, boolean][] = [
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, 'the connection was dropped', AGAIN, true],
  [/^ECONNREFUSED$/, 'nothing listens there', 'start the server, or correct the address in the option or variable that names it', true],
  [/^(EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ETIMEDOUT)$/, 'the server cannot be reached', AGAIN, true],
  [/^ENOTFOUND$/, 'there is no server of that name', NAMED, false],
  [/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|^EPROTO$/, 'its certificate or encryption is not accepted', TRUST, false],
  [
    /^ERR_INVALID_CHAR$/,
    'a header holds a character that none may hold, as a line break in a token',
    'set the variable that holds the token or password again, without line breaks',
    false,
  ],
  [/^HPE_/, 'what came back is not HTTP', NAMED, false],
];

/** An error of a socket as one of ours; one of ours stays as it is. `again`: a read may be sent once more. */
export function explainNetworkError(error: unknown, shown: string): { error: WaybillError; again: boolean } {
  if (error instanceof WaybillError) return { error, again: false };
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const [, reason, fix, again] = REASONS.find(([pattern]) => pattern.test(code)) ?? [/./, (error as Error).message, AGAIN, false];
  const text = code === '' ? reason : `${reason} (${code})`;
  return { error: coreErrors.error('NETWORK_FAILED', { to: shown, reason: text, fix }, { cause: error }), again };
}
