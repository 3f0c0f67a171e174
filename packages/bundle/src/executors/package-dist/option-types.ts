import { z } from 'zod';

/** A list; a text in it (all that the command line gives) splits at commas. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => {
    const parts = typeof value === 'string' ? [value] : value;
    return Array.isArray(parts) ? parts.flatMap((part: unknown) => (typeof part === 'string' ? part.split(',') : [part])) : parts;
  }, z.array(item));

/**
 * A version as text. Nx's command line turns `2.10` into the number 2.1, so a number is refused with the spelling that survives. The
 * union keeps numbers valid in schema.json: Nx would refuse them there without saying why.
 */
const versionLike = (option: string, example: string, pattern: RegExp, shape: string) =>
  z.union([z.string(), z.number()]).transform((value, context): string => {
    const fault =
      typeof value === 'number'
        ? `a text: as a number 2.10 and 2.1 are the same; on the command line write \`--${option}=${example}\``
        : pattern.test(value)
          ? undefined
          : shape;
    if (fault === undefined) return String(value);
    context.addIssue({ code: 'custom', message: fault, input: value });
    return z.NEVER;
  });

/** A version of two parts, `2.28`, or with a word before it (`glibc2.28`), which is how it comes through the command line. */
export const versionText = (option: string, example: string) =>
  versionLike(option, example, /^(glibc|macos)?\d+\.\d+$/, 'a version of two parts, such as `2.28`').transform((text) =>
    text.replace(/^(glibc|macos)/, ''),
  );

/** A version that is asked for: a series, an exact version or specifiers. */
export const versionRequest = (option: string, example: string) => versionLike(option, example, /\S/, 'a version');

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|KiB|MiB|GiB)?$/;

/** A size in bytes: a number, or a text with a unit. */
export const size = z.union([z.number(), z.string()]).transform((value, context): number => {
  const [, amount, unit = ''] = SIZE.exec(String(value)) ?? [];
  const bytes = Math.round(Number(amount) * UNITS[unit]!);
  if (bytes >= 1) return bytes;
  context.addIssue({ code: 'custom', message: 'bytes, or a number with a unit, such as `120MB`', input: value });
  return z.NEVER;
});
