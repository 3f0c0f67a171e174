/**
 * Whether a path lies in a folder, without being it. Text alone: both `/`-separated, normal, without a slash at the end; the folder `''` holds
 * all relative paths.
 */
export const isBelow = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** As `isBelow`, or the folder itself. */
export const isAtOrBelow = (path: string, folder: string): boolean => path === folder || isBelow(path, folder);
