import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { memberErrors } from './member-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(memberErrors, join(__dirname, '..'))).toEqual([]);
});
