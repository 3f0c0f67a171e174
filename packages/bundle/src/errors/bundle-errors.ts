import { defineCatalog } from '@waybill/core';
import { runtimeErrorTexts } from './runtime-error-texts';

/** Every error of the bundle package; the texts stand in one file per area, each sorted by code. */
export const bundleErrors = defineCatalog({
  ...runtimeErrorTexts,
});
