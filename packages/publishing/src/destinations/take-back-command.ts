import type { Release } from '../destination';

/** What takes a release back, where nothing is left to a person. */
export const takeBackCommand = ({ project, version }: Release): string => `npx nx run ${project}:take-back --release=${version} --confirm`;
