import { defineCatalog } from '@waybill/core';
import { buildErrorTexts } from './build-error-texts';
import { sourceErrorTexts } from './source-error-texts';

/** Every error of the python package; the texts stand in one file per area, each sorted by code. */
export const pythonErrors = defineCatalog({ ...buildErrorTexts, ...sourceErrorTexts });
