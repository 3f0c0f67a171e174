import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { pythonErrors } from './python-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(pythonErrors, join(__dirname, '..'))).toEqual([]);
});
