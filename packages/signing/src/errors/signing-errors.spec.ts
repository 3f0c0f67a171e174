import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { notarizeErrors } from './notarize-errors';
import { signingErrors } from './signing-errors';

it.each([signingErrors, notarizeErrors])('has a text, a fix and a spec for every code', (catalog) => {
  expect(problemsOfCatalog(catalog, join(__dirname, '..'))).toEqual([]);
});
