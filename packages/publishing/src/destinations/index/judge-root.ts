import { normaliseDistribution } from '@waybill/artifacts';

/**
 * Why the start of a page is not the list of projects of a simple API (PEP 503, PEP 691), or `undefined`. A list in HTML holds one link for each
 * project, and nothing that asks for input; the page of a web site, a login page or the welcome page of an index does not.
 */
export function faultOfRoot(start: string, contentType: string): string | undefined {
  if (/json/.test(contentType)) return /"projects"\s*:/.test(start) ? undefined : 'it is JSON without a list of projects';
  if (!/html/.test(contentType) && !/<(!doctype html|html|a )/i.test(start)) return 'it is neither JSON nor HTML';
  if (/<(form|input|script)[\s>]/i.test(start)) return 'it is the page of a web site';
  const links = [...start.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']*)["'][^>]*>([^<]*)<\/a>/gi)].filter(([, href]) => !/^\.\.?\/?$/.test(href!));
  const strange = links.find(([, href = '', label = '']) => !namesProject(href, label));
  return strange && `it is a page with a link \`${strange[2]!.trim().slice(0, 40)}\`, which is no project`;
}

/** The last part of the address is the name: `/simple/word-tally/`. */
function namesProject(href: string, label: string): boolean {
  const last = href
    .replace(/[?#].*$/, '')
    .replace(/\/(index\.html)?$/, '')
    .split('/')
    .at(-1)!;
  return label.trim() !== '' && normaliseDistribution(label.trim().replace(/\/$/, '')) === normaliseDistribution(last);
}
