import { jsonOf } from '@waybill/core';
import { readDistributionName } from './distribution-name';

/** A file that an index lists. */
export interface ListedFile {
  name: string;
  /** Absolute. */
  url: string;
  /** When the page tells it. */
  sha256?: string;
  yanked: boolean;
  /** Where its attestations are, absolute (PEP 740); `null`: the page says that it has none. Absent: the page says nothing of attestations. */
  provenance?: string | null;
  /** Milliseconds since 1970; only some indexes tell it (PEP 700). */
  uploadedMs?: number;
}

/** Asks for JSON, takes HTML: pypiserver and static indexes know no other. */
export const SIMPLE_ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** Files of a page of the simple API, by its content type, or why it is none. `url` is where it was read: links are relative to it. */
export function readSimplePage(text: string, contentType: string, url: string): readonly ListedFile[] | string {
  return /json/.test(contentType) || /^\s*\{/.test(text) ? readJsonPage(text, url) : readHtmlPage(text, url);
}

interface JsonFile {
  filename?: unknown;
  url?: unknown;
  hashes?: { sha256?: unknown };
  yanked?: unknown;
  provenance?: unknown;
  'upload-time'?: unknown;
}

function readJsonPage(text: string, base: string): readonly ListedFile[] | string {
  const page = jsonOf(text) as { files?: unknown } | undefined;
  if (!Array.isArray(page?.files)) return 'it has no list `files`';
  const files: ListedFile[] = [];
  for (const file of page.files as readonly JsonFile[]) {
    const { filename, url, hashes, yanked } = file;
    if (typeof filename !== 'string' || typeof url !== 'string' || !URL.canParse(url, base)) return 'a file of it has no name or address';
    const uploadedMs = typeof file['upload-time'] === 'string' ? Date.parse(file['upload-time']) : NaN;
    files.push({
      name: filename,
      url: new URL(url, base).href,
      ...hashOf(hashes?.sha256),
      yanked: yanked !== undefined && yanked !== false,
      ...provenanceOf(file.provenance, base),
      ...(Number.isNaN(uploadedMs) ? {} : { uploadedMs }),
    });
  }
  return files;
}

function readHtmlPage(text: string, base: string): readonly ListedFile[] | string {
  if (!/<(!doctype html|html|a )/i.test(text)) return 'it is neither JSON nor HTML';
  return [...text.matchAll(/<a\s([^>]*)>(.*?)<\/a>/gis)].flatMap(([, attributes = '', label = '']) => {
    const href = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes);
    const link = unescapeHtml(href?.[1] ?? href?.[2] ?? '');
    if (link === '' || !URL.canParse(link, base)) return [];
    const url = new URL(link, base);
    const sha256 = /[#&]sha256=([0-9a-f]{64})(?:&|$)/i.exec(url.hash)?.[1];
    url.hash = '';
    const yanked = /(?:^|\s)data-yanked(?:=|\s|$)/i.test(attributes);
    const provenance = /(?:^|\s)data-provenance\s*=\s*"([^"]+)"/i.exec(attributes)?.[1];
    return [{ name: nameOf(url, label), url: url.href, ...hashOf(sha256), yanked, ...provenanceOf(provenance && unescapeHtml(provenance), base) }];
  });
}

/** The last part of the address, which is what installers go by (PEP 503); what stands in the link, where that is no file. */
function nameOf({ pathname }: URL, label: string): string {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  const name = /%(?![0-9A-Fa-f]{2})/.test(last) ? last : decodeURIComponent(last);
  return readDistributionName(name) === undefined ? unescapeHtml(label.replace(/<[^>]*>/g, '')).trim() : name;
}

const provenanceOf = (value: unknown, base: string): Pick<ListedFile, 'provenance'> => {
  if (value === null) return { provenance: null };
  return typeof value === 'string' && URL.canParse(value, base) ? { provenance: new URL(value, base).href } : {};
};

const hashOf = (value: unknown): { sha256?: string } =>
  typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value) ? { sha256: value.toLowerCase() } : {};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
const unescapeHtml = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39|#x27);/gi, (_, name: string) => ENTITIES[name.toLowerCase()]!);
