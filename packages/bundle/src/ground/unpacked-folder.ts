/** Name of the folder in the work folder that an archive is unpacked into. */
export const UNPACKED = 'unpacked';
