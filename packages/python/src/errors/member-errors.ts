import { defineCatalog } from '@waybill/core';

/** Errors of reading and repacking wheels and sdists. Sorted by code. */
export const memberErrors = defineCatalog({
  WHEEL_CONTAINER: (a: { file: string }) => ({
    message: `\`${a.file}\` is neither a zip file nor a gzipped tar file`,
    details: ['expected a wheel (zip) or an sdist (`.tar.gz`)'],
    fix: 'have the backend write the formats of the specifications: `.whl` as zip, the sdist as `.tar.gz`',
  }),
  WHEEL_MEMBER_KIND: (a: { file: string; path: string; what: string }) => ({
    message: `\`${a.file}\` holds \`${a.path}\`, which is a ${a.what}`,
    details: ['expected files, folders, and in an sdist links that stay inside'],
    fix: `leave \`${a.path}\` out of the distribution`,
  }),
  WHEEL_MEMBER_LINK: (a: { file: string; path: string; target: string }) => ({
    message: `The link \`${a.path}\` in \`${a.file}\` leads out of it, or to nothing`,
    details: [`actual target \`${a.target}\``],
    fix: 'put the file itself into the distribution instead of a link to it',
  }),
  WHEEL_RECORD_MISSING: (a: { file: string }) => ({
    message: `\`${a.file}\` has no RECORD that can be brought up to date`,
    details: ['expected one `*.dist-info/RECORD`'],
    fix: 'correct the settings of the backend: a wheel holds one folder `{name}-{version}.dist-info` with a RECORD in it',
  }),
});
