/** Where things are in a bundle. Paths in the bundle. */
export const VENDOR = 'python/vendor';
export const RUNTIME_LIBRARIES = 'python/runtime/lib';
export const HOST_LIBRARIES = 'lib';
