import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { publishErrors } from './publish-errors';
import { releaseErrors } from './release-errors';

it.each([
  ['checksum', releaseErrors],
  ['publish', publishErrors],
])('has a text, a fix and a spec for every code of %s', (_, catalog) => {
  expect(problemsOfCatalog(catalog, join(__dirname, '..'))).toEqual([]);
});
