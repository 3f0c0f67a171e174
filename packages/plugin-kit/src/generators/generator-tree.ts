import type { Tree } from '@nx/devkit';

/** The workspace as generators see it: nothing is written before the generator has ended well. */
export type GeneratorTree = Tree;

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
