import { parseJson } from '@nx/devkit';
import { generatorErrors } from './generator-errors';
import { isObject, type GeneratorTree, type JsonObject } from './generator-tree';

/**
 * A JSON file that is going to be rewritten: what rewriting would lose (comments, commas at the end) or what is no JSON object is
 * refused as `FILE_JSON`.
 */
export function readJsonFile(tree: GeneratorTree, path: string): JsonObject {
  const text = tree.read(path, 'utf8');
  if (text === null) {
    throw generatorErrors.error('FILE_JSON', { path, reason: 'it is not there', fix: 'run the generator in the root of an Nx workspace' });
  }
  const strict = parseStrictly(text);
  if ('value' in strict) {
    if (isObject(strict.value)) return strict.value;
    throw generatorErrors.error('FILE_JSON', { path, reason: 'it holds no object', fix: `write an object into it: \`{}\`` });
  }
  const reason = hasComments(text) ? 'it has comments or a comma at the end of a list, which would be lost' : `it is no JSON: ${strict.reason}`;
  throw generatorErrors.error('FILE_JSON', { path, reason, fix: `make plain JSON of \`${path}\` and run the generator again` });
}

function parseStrictly(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { reason: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
  }
}

/** Nx reads comments; only then is it a file that works. */
function hasComments(text: string): boolean {
  try {
    parseJson(text, { allowTrailingComma: true });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Written only when something differs, so that a second run changes nothing, not even white space. */
export function writeJsonFile(tree: GeneratorTree, path: string, before: unknown, after: unknown): boolean {
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  tree.write(path, `${JSON.stringify(after, null, 2)}\n`);
  return true;
}
