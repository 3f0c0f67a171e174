import type { FindingLevel } from '@waybill/core';
import type { CoreMetadata } from '../../metadata/core-metadata';
import type { DistributionPolicy } from '../distribution-policy';
import type { FindingList } from '../finding-list';

/** Types that an index renders; it shows the source of any other (core metadata, `Description-Content-Type`). */
const TYPES = ['text/plain', 'text/x-rst', 'text/markdown'];

export interface ContentType {
  type: string;
  parameters: ReadonlyMap<string, string>;
}

/** A media type with parameters, names in lower case. */
export function parseContentType(value: string): ContentType {
  const [type = '', ...rest] = value.split(';');
  const parameters = rest.flatMap((part): [string, string][] => {
    const [, name, text] = /^\s*([^=\s]+)\s*=\s*"?([^"]*)"?\s*$/.exec(part) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), text!.trim()]];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
}

/** The text that must render as reStructuredText: as `twine check` decides, that is the type when it is said, and when none or none known is. */
export function restructuredText(metadata: CoreMetadata | undefined): string | undefined {
  const { description, descriptionContentType } = metadata ?? {};
  if (description === undefined || description.trim() === '') return undefined;
  const type = descriptionContentType === undefined ? 'text/x-rst' : parseContentType(descriptionContentType).type;
  return type === 'text/plain' || type === 'text/markdown' ? undefined : description;
}

/** `description`, with what `twine check --strict` makes fatal: missing, of no or of an unknown type. Whether it renders is asked of docutils elsewhere. */
export function checkDescription(metadata: CoreMetadata | undefined, file: string, policy: DistributionPolicy, list: FindingList): void {
  if (metadata === undefined) return;
  const level: FindingLevel = policy.metadata === 'warn' ? 'warning' : 'error';
  const add = (message: string, detail: { expected?: string; actual?: string; fix: string }): void =>
    list.add(level, 'description', file, message, detail);
  if (metadata.description === undefined && policy.ships !== false) {
    add('The distribution has no description: its page at the index is empty', {
      fix: 'name a README in the manifest: `readme = "README.md"` in `[project]`',
    });
  }
  if (metadata.descriptionContentType === undefined) {
    if (metadata.description === undefined) return;
    add('The description has no content type, so that it is read as reStructuredText', {
      expected: TYPES.join(' or '),
      actual: 'none',
      fix: 'name the README with its suffix (`readme = "README.md"`), or its type: `readme = {file = "…", content-type = "text/markdown"}`',
    });
    return;
  }
  const { type, parameters } = parseContentType(metadata.descriptionContentType);
  if (!TYPES.includes(type)) {
    add('The description is of a type that no index renders', {
      expected: TYPES.join(' or '),
      actual: metadata.descriptionContentType,
      fix: 'write it as one of these',
    });
  }
  const charset = parameters.get('charset');
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    add('The description is declared in an encoding other than UTF-8', { expected: 'charset=UTF-8', actual: charset, fix: 'leave the charset out' });
  }
  const variant = parameters.get('variant');
  if (type === 'text/markdown' && variant !== undefined && !['GFM', 'CommonMark'].includes(variant)) {
    add('The variant of Markdown is none that indexes know', { expected: 'GFM or CommonMark', actual: variant, fix: 'leave the variant out' });
  }
}
