import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatFiles, installPackagesTask, logger } from '@nx/devkit';
import { z } from 'zod';
import { parseOptions } from '../options/parse-options';
import { asWaybillError, errorLines } from '../run/describe-error';
import { generatorErrors } from './generator-errors';
import type { GeneratorTree } from './generator-tree';

/** Options that every generator has. */
export const generatorOptions = {
  skipFormat: z.boolean().default(false).describe('Do not format the files that were changed'),
};

/** What a generator did, for people: `+` written, `=` kept, `!` to be done by hand. */
export interface GeneratorResult {
  lines: readonly string[];
  /** package.json got other dependencies: they are installed at the end. */
  install?: boolean;
  /** What can be done only once the files are there; gives lines for people. Not run in a dry run. */
  afterwards?(): Promise<readonly string[]>;
}

/** Of what writes into the tree alone. */
export type WrittenResult = Required<Pick<GeneratorResult, 'lines' | 'install'>>;

export interface GeneratorDefinition<Schema extends z.ZodType<{ skipFormat: boolean }>> {
  /** `@waybill/release:init`. */
  name: string;
  options: Schema;
  /** Judges everything before it writes anything. */
  run(tree: GeneratorTree, options: z.output<Schema>): GeneratorResult | Promise<GeneratorResult>;
}

/** What of the world a generator needs beside the tree. */
export interface GeneratorHost {
  /** A file that is not there can be made. */
  isWritable(path: string): boolean;
  print(text: string): void;
}

export const systemHost: GeneratorHost = {
  isWritable: (path) => {
    if (!existsSync(path)) return true;
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES' && (error as NodeJS.ErrnoException).code !== 'EROFS') throw error;
      return false;
    }
  },
  print: (text) => logger.info(text),
};

/** The function behind a generator of generators.json. A refusal is an error of Nx with code, text and fix; nothing is written then. */
export function defineGenerator<Schema extends z.ZodType<{ skipFormat: boolean }>>(
  definition: GeneratorDefinition<Schema>,
  host: GeneratorHost = systemHost,
): (tree: GeneratorTree, raw: unknown) => Promise<(() => Promise<void>) | undefined> {
  return async (tree, raw) => {
    try {
      const options = parseOptions(definition.options, raw, definition.name, 'generator');
      const { lines, install, afterwards } = await definition.run(tree, options);
      if (!options.skipFormat) await formatFiles(tree);
      refuseReadOnly(tree, host);
      host.print(lines.join('\n'));
      if (!install && !afterwards) return undefined;
      return async () => {
        if (install) installPackagesTask(tree);
        if (afterwards) host.print((await afterwards()).join('\n'));
      };
    } catch (cause) {
      const error = asWaybillError(cause, definition.name);
      throw Object.assign(new Error(errorLines(error, false).join('\n'), { cause }), { code: error.code });
    }
  };
}

function refuseReadOnly(tree: GeneratorTree, host: GeneratorHost): void {
  const changed = tree.listChanges().map(({ path }) => path);
  const paths = changed.filter((path) => !host.isWritable(join(tree.root, path)));
  if (paths.length > 0) throw generatorErrors.error('FILE_READ_ONLY', { paths });
}
