import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { verifyErrors } from './verify-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(verifyErrors, join(__dirname, '..'))).toEqual([]);
});
