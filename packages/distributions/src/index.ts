export * from './distribution-facts';
export * from './metadata/core-metadata';
export * from './names/wheel-name';
export { chooseWheels, fitWheel } from './names/wheel-tags';
export * from './record/record-text';
export * from './requirements/requirement';
export { parseRequirements, renderRequirements } from './requirements/parse-requirements';
export { distributionsErrors } from './errors/distributions-errors';
