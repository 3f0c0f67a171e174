import type { LauncherBehaviour, LauncherKind } from '../launcher-config';
import { findPython } from './find-python';
import { nativeLauncher } from './native-launcher';
import { BundleYard } from './test-bundle';

/** The one contract suite runs for each of these. */
export const EVERY_LAUNCHER: readonly [LauncherKind, LauncherBehaviour][] = [
  ['native', 'become'],
  ['native', 'supervise'],
  ['shell', 'become'],
  ['shell', 'supervise'],
];

/** A yard with an interpreter of this machine. The suite needs a Python ≥ 3.9 with a shared libpython, and a C compiler. */
export async function openYard(): Promise<BundleYard> {
  const python = findPython();
  if (!python) throw new Error('no Python 3.9 or newer with a shared libpython is here; name one in WAYBILL_TEST_PYTHON');
  return new BundleYard(python, await nativeLauncher());
}
