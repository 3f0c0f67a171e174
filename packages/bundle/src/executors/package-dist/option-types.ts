import { z } from 'zod';

/** A list; on the command line one text that splits at commas. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.flatMap((part) => (typeof part === 'string' ? part.split(',') : [part])) : value),
    z.array(item),
  );

/**
 * A version of two parts as text: `2.28`, or with a word before it (`glibc2.28`), which is how it survives Nx's command line: a bare
 * number loses its zeros there (2.10 arrives as 2.1) and is refused.
 */
export const versionText = (option: string, example: string) =>
  z.preprocess(
    (value) => value,
    z
      .string({
        error: (issue) =>
          typeof issue.input === 'number'
            ? `\`${option}\` came as the number ${issue.input}, in which 2.10 and 2.1 are the same: write \`--${option}=${example}\` on the command line, and a text in project.json`
            : undefined,
      })
      .transform((text) => text.replace(/^(glibc|macos)/, ''))
      .pipe(z.string().regex(/^\d+\.\d+$/, 'a version of two parts, such as `2.28`')),
  );

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size in bytes: a number, or a text with a unit. */
export const size = z.union([
  z.number().int().positive(),
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)?$/, 'bytes, or a number with a unit, such as `120MB`')
    .transform((text) => {
      const [, amount = '0', unit = ''] = /^([\d.]+)\s*(\w*)$/.exec(text) ?? [];
      return Math.round(Number(amount) * UNITS[unit]!);
    }),
]);
