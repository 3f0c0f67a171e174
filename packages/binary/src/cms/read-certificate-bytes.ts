import type { Reading } from '../binary-refusal';
import { readingOf } from '../reading/refused';
import type { Certificate } from './cms-facts';
import { DerElement } from './der/der-element';
import { readCertificate } from './read-certificate';

/** A certificate in DER. Nothing of it is verified. Never throws and always ends, whatever the bytes. */
export const readCertificateBytes = (der: Uint8Array): Reading<Certificate> =>
  readingOf({ size: der.length }, () => readCertificate(DerElement.first(der, 0)));
