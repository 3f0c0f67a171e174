export * from './requirement';
export { normaliseDistribution, parseWheelName } from './wheel-name';
export { chooseWheels, fitWheel } from './wheel-tags';
export { parseRequirements, renderRequirements } from './parse-requirements';
