import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { releaseErrors } from './release-errors';

it('has a text, a fix and a spec for every code', () => {
  expect(problemsOfCatalog(releaseErrors, join(__dirname, '..'))).toEqual([]);
});
