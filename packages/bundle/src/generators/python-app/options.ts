import { newProjectOptions } from '@waybill/plugin-kit/generators';

/** Options of `@waybill/bundle:python-app`: the only source of its schema.json. */
export const pythonAppOptions = newProjectOptions;
