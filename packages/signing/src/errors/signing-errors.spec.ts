import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { signingErrors } from './signing-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(signingErrors, join(__dirname, '..'))).toEqual([]);
});
