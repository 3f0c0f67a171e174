// What carries plans out is loaded when a plan is carried out: not by a dry run, and not before the first tool starts.
export { applyPackage } from './package-dist/apply';
export { applySmoke } from './relocatability-smoke/apply';
