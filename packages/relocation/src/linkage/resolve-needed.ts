import type { BundleFacts } from '../bundle-facts';
import type { LoaderChain, Resolution } from './resolution';

/**
 * Every DT_NEEDED of the file at `path`, resolved as ld.so would. Without `from` an executable is its own start, and for a library or an extension module the
 * executables of the bundle are tried: the best answer for each name is given.
 */
export function resolveNeeded(_facts: BundleFacts, _path: string, _from?: LoaderChain): Resolution[] {
  throw new Error('not yet');
}
