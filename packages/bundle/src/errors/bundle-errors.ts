import { defineCatalog } from '@waybill/core';
import { libraryErrorTexts } from './library-error-texts';
import { packageErrorTexts } from './package-error-texts';
import { runtimeErrorTexts } from './runtime-error-texts';
import { smokeErrorTexts } from './smoke-error-texts';
import { wheelErrorTexts } from './wheel-error-texts';

/** Every error of the bundle package; the texts stand in one file per area, each sorted by code. */
export const bundleErrors = defineCatalog({
  ...libraryErrorTexts,
  ...packageErrorTexts,
  ...runtimeErrorTexts,
  ...smokeErrorTexts,
  ...wheelErrorTexts,
});
