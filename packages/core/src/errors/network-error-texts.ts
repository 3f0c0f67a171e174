import type { ErrorText } from './waybill-error';

/** What the network refused. `to` is method, origin and path: never a query, which may hold a signature or a token. */
export const networkErrorTexts = {
  NETWORK_BODY_SIZE: (a: { to: string; expected: number; actual: number }): ErrorText => ({
    message: `The body of \`${a.to}\` is not as long as was said before it was sent, so it was not completed`,
    fix: 'nothing may write to a file while it is sent: end what changes it, then run again',
    details: [`expected ${a.expected} bytes`, `actual ${a.actual} bytes`],
  }),
  NETWORK_FAILED: (a: { to: string; reason: string; fix: string }): ErrorText => ({
    message: `\`${a.to}\` got no whole answer: ${a.reason}`,
    fix: a.fix,
  }),
  NETWORK_INSECURE: (a: { to: string }): ErrorText => ({
    message: `\`${a.to}\` would go over the network in clear text`,
    fix: 'give an address that begins with `https://`; `http://` is taken for this machine alone (127.0.0.1, ::1, localhost)',
  }),
  NETWORK_PROXY: (a: { variable: string; reason: string }): ErrorText => ({
    message: `The proxy that \`${a.variable}\` names cannot be used: ${a.reason}`,
    fix: `set \`${a.variable}\` to an address of the form \`http://[user:password@]host:port\`, or exempt the server by \`NO_PROXY\``,
  }),
  NETWORK_READ_ONLY: (a: { to: string }): ErrorText => ({
    message: `\`${a.to}\` would change something, and this run only looks`,
    fix: 'a dry run or a check must not send it: this is our bug, please report it; nothing was sent',
  }),
  NETWORK_REDIRECT: (a: { to: string; reason: string }): ErrorText => ({
    message: `\`${a.to}\` leads nowhere: ${a.reason}`,
    fix: 'correct the address in the option or variable that names it: give the one where the redirects should end',
  }),
  NETWORK_TIMEOUT: (a: { to: string; timeoutMs: number; phase: string }): ErrorText => ({
    message: `\`${a.to}\` got no answer within ${a.timeoutMs < 1_000 ? `${a.timeoutMs} ms` : `${Math.round(a.timeoutMs / 100) / 10} s`}`,
    fix: 'run it again; if the line or the server is slow, give a higher `timeoutMs`',
    details: [`waited for ${a.phase}`],
  }),
  NETWORK_TOO_LARGE: (a: { to: string; limit: number }): ErrorText => ({
    message: `\`${a.to}\` answered with more than ${a.limit} bytes`,
    fix: 'check that the address is that of the right server; a right answer of this size is our bug, please report it',
  }),
  NETWORK_URL: (a: { url: string; reason: string }): ErrorText => ({
    message: `The address \`${a.url}\` cannot be used: ${a.reason}`,
    fix: 'correct the option or variable that names it: `https://host/path`, without a user name, password or fragment',
  }),
};
