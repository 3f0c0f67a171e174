import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { publishingErrors } from './publishing-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(publishingErrors, join(__dirname, '..'))).toEqual([]);
});
