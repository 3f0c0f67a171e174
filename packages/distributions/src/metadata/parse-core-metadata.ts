import type { CoreMetadata } from './core-metadata';
import { headerValues, readHeaders, unfold, type Header } from './read-headers';

/** What distutils wrote for a field without a value. */
const UNKNOWN = 'UNKNOWN';

/**
 * Reads METADATA or PKG-INFO (https://packaging.python.org/specifications/core-metadata). Never throws: what is no header is in `faults`. Fields stand as
 * written; `UNKNOWN`, which old tools write for nothing, is nothing.
 */
export function parseCoreMetadata(text: string): { metadata: CoreMetadata; faults: readonly string[] } {
  const { headers, body, faults } = readHeaders(text);
  const one = (name: string): string | undefined => headerValues(headers, name).map(unfold).find(isValue);
  const all = (name: string): string[] => headerValues(headers, name).map(unfold).filter(isValue);
  const licence = headerValues(headers, 'License').map(dedent).find(isValue);
  const metadata: CoreMetadata = {
    ...given('metadataVersion', one('Metadata-Version')),
    ...given('name', one('Name')),
    ...given('version', one('Version')),
    ...given('summary', one('Summary')),
    ...given('description', descriptionOf(headers, body)),
    ...given('descriptionContentType', one('Description-Content-Type')),
    ...given('requiresPython', one('Requires-Python')),
    requiresDist: all('Requires-Dist'),
    providesExtra: all('Provides-Extra'),
    ...given('licence', licence),
    ...given('licenceExpression', one('License-Expression')),
    licenceFiles: all('License-File'),
    classifiers: all('Classifier'),
    dynamic: all('Dynamic'),
    headers,
  };
  return { metadata, faults };
}

const isValue = (value: string): boolean => value !== '' && value !== UNKNOWN;

function given<K extends keyof CoreMetadata>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, string>>);
}

function descriptionOf(headers: readonly Header[], body: string | undefined): string | undefined {
  const text = body ?? headerValues(headers, 'Description').map(dedent).find(isValue);
  return text === undefined || text.trim() === UNKNOWN ? undefined : text;
}

/** Lines of a folded value begin with eight spaces, or with seven and a bar (core metadata, `Description`). */
function dedent(value: string): string {
  return value
    .split('\n')
    .map((line, index) => (index === 0 ? line : line.replace(/^( {7}\|| {8})/, '')))
    .join('\n')
    .trim();
}
