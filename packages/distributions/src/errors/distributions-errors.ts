import { defineCatalog } from '@waybill/core';
import { wheelErrorTexts } from './wheel-error-texts';

/** Every error of the distributions package; findings of the checks are no errors and stand with their checks. */
export const distributionsErrors = defineCatalog({ ...wheelErrorTexts });
