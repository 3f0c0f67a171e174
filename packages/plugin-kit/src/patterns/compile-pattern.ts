import picomatch from 'picomatch';

/** Tells of a text whether it fits a glob. `dot`: a `*` matches names that begin with a dot too. */
export const compilePattern = (pattern: string, options: { dot?: boolean } = {}): ((text: string) => boolean) => picomatch(pattern, options);
