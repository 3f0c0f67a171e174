import { jsonOf } from '@waybill/core';

/** What a manifest says of the layout; nothing of it is trusted beyond telling where to look. */
export interface ManifestHints {
  launcher?: string;
  program?: string;
  python?: string;
  pythonVersion?: string;
}

/** Reads the hints of a manifest's text. A manifest that is no JSON gives none: check `tree-entries` reports it. */
export function readManifestHints(text: string | undefined): ManifestHints {
  const manifest = asObject(parseJson(text));
  const layout = asObject(manifest['layout']);
  const runtime = asObject(manifest['runtime']);
  return {
    ...textField('launcher', layout['launcher']),
    ...textField('program', layout['program']),
    ...textField('python', layout['python']),
    ...textField('pythonVersion', runtime['version']),
  };
}

export const parseJson = (text: string | undefined): unknown => (text === undefined ? undefined : jsonOf(text));

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textField<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { [P in K]?: string }) : {};
}
