import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { bundleErrors } from './bundle-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(bundleErrors, join(__dirname, '..'))).toEqual([]);
});
