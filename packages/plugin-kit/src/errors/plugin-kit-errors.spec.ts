import { join } from 'node:path';
import { problemsOfCatalog } from '@waybill/core/testing';
import { pluginKitErrors } from './plugin-kit-errors';

it('every code has a message, a fix and a spec that raises it', () => {
  expect(problemsOfCatalog(pluginKitErrors, join(__dirname, '..'))).toEqual([]);
});
