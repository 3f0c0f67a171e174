import { defineCatalog } from '@waybill/core';
import { attestationErrorTexts } from './attestation-error-texts';
import { engineErrorTexts } from './engine-error-texts';
import { githubErrorTexts } from './github-error-texts';
import { indexErrorTexts } from './index-error-texts';
import { ociErrorTexts } from './oci-error-texts';
import { s3ErrorTexts } from './s3-error-texts';
import { trustedErrorTexts } from './trusted-error-texts';

/** One file of texts for the engine, and one for each destination. */
export const publishingErrors = defineCatalog({
  ...attestationErrorTexts,
  ...engineErrorTexts,
  ...githubErrorTexts,
  ...indexErrorTexts,
  ...ociErrorTexts,
  ...s3ErrorTexts,
  ...trustedErrorTexts,
});
