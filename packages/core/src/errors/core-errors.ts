import { defineCatalog } from './waybill-error';

/** Every code of `@waybill/core` but those of archives. */
export const coreErrors = defineCatalog({});
