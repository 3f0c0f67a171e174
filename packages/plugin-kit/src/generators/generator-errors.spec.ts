import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { generatorErrors } from './generator-errors';

it('every code has a message, a fix and a spec that raises it', () => {
  expect(problemsOfCatalog(generatorErrors, join(__dirname, '..'))).toEqual([]);
});
