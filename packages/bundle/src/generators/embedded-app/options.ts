import { newProjectOptions } from '@waybill/plugin-kit/generators';

/** Options of `@waybill/bundle:embedded-app`: the only source of its schema.json. */
export const embeddedAppOptions = newProjectOptions;
