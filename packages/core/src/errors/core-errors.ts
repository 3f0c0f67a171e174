import { fileErrorTexts } from './file-error-texts';
import { networkErrorTexts } from './network-error-texts';
import { processErrorTexts } from './process-error-texts';
import { toolErrorTexts } from './tool-error-texts';
import { defineCatalog } from './waybill-error';

/** Every code of `@waybill/core` but those of archives. */
export const coreErrors = defineCatalog({
  ...fileErrorTexts,
  ...networkErrorTexts,
  ...processErrorTexts,
  ...toolErrorTexts,
});
