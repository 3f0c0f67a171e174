import { newProjectOptions } from '@waybill/plugin-kit/generators';

/** Options of `@waybill/python:library`: the only source of its schema.json. */
export const libraryOptions = newProjectOptions;
