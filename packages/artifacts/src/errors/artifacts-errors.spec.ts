import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { artifactsErrors } from './artifacts-errors';

it('every code has a message, a fix and a spec that raises it', () => {
  expect(problemsOfCatalog(artifactsErrors, join(__dirname, '..'))).toEqual([]);
});
