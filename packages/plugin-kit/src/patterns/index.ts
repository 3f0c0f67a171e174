/** What few runs use: a name that is no pattern needs none of it. */
export { compilePattern } from './compile-pattern';
