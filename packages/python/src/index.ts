export { memberErrors } from './errors/member-errors';
