import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { distributionsErrors } from './distributions-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(distributionsErrors, join(__dirname, '..'))).toEqual([]);
});
