import { statSync } from 'node:fs';

/** Whether a path names a file, through links too; a path that leads nowhere names none. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
