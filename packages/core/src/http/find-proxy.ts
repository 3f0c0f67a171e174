import { coreErrors } from '../errors/core-errors';
import { isLoopback } from './http-target';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that opens tunnels by CONNECT. */
export interface Proxy {
  host: string;
  port: number;
  /** Value of `Proxy-Authorization`: a secret. */
  authorization?: string;
}

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];

/**
 * The proxy for an address: the first of `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` that is set, unless `NO_PROXY` exempts the host
 * (names with or without a leading dot cover what is below them; `*` covers all). This machine is never asked for through a proxy. A proxy of another kind than plain HTTP
 * (socks, https) is refused: going around it in silence would break the rule of the house that set it.
 */
export function findProxy(url: URL, env: Environment): Proxy | undefined {
  const variable = VARIABLES.find((name) => (env[name] ?? '') !== '');
  if (variable === undefined || isLoopback(url) || isExempt(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  const text = env[variable]!;
  const address = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(address)) throw coreErrors.error('NETWORK_PROXY', { variable, reason: 'it is no URL' });
  const proxy = new URL(address);
  if (proxy.protocol !== 'http:') throw coreErrors.error('NETWORK_PROXY', { variable, reason: `\`${proxy.protocol}\` is not supported` });
  const credentials = `${decoded(proxy.username, variable)}:${decoded(proxy.password, variable)}`;
  return {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port || 80),
    ...(credentials !== ':' && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
  };
}

function decoded(text: string, variable: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw coreErrors.error('NETWORK_PROXY', { variable, reason: 'a `%` in its user name or password is not written as `%25`' }, { cause });
  }
}

function isExempt(url: URL, list: string): boolean {
  const port = url.port === '' ? '443' : url.port;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, host = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase())!;
    const name = host.replace(/^\*?\./, '');
    return name !== '' && (only === undefined || only === port) && (url.hostname === name || url.hostname.endsWith(`.${name}`));
  });
}
