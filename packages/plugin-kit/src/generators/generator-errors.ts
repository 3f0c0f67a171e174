import { defineCatalog } from '@waybill/core';

/** What generators refuse. Nothing is written then. */
export const generatorErrors = defineCatalog({
  FILE_JSON: (a: { path: string; reason: string; fix: string }) => ({
    message: `\`${a.path}\` cannot be changed by a generator: ${a.reason}`,
    fix: a.fix,
  }),
  FILE_READ_ONLY: (a: { paths: readonly string[] }) => ({
    message: `${a.paths.map((path) => `\`${path}\``).join(', ')} would be changed, but must not be written`,
    fix: 'make it writable (`chmod u+w`) and run the generator again; nothing was changed',
  }),
});
