export { memberErrors } from './errors/member-errors';
export { buildWheel } from './executors/build-wheel/build-wheel';
export { pythonErrors } from './errors/python-errors';
