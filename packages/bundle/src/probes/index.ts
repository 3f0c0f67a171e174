import { probeArchiveRoundTrip } from './probe-archive-round-trip';
import { probeBareRoot } from './probe-bare-root';
import { probeFileTrace } from './probe-file-trace';
import { probeHostileEnvironment } from './probe-hostile-environment';
import { probeIdentity } from './probe-identity';
import { probeImports } from './probe-imports';
import { probeLauncher } from './probe-launcher';
import { probeMovedCopy } from './probe-moved-copy';
import { probeMovedTwice } from './probe-moved-twice';
import { probeReadOnly } from './probe-read-only';
import { probeReproducible } from './probe-reproducible';
import { probeSelfTest } from './probe-self-test';
import { probeStartUp } from './probe-start-up';
import type { Probe } from './probe';

export * from './probe';

/** The dynamic checks, in order of their numbers. */
export const PROBES: readonly Probe[] = [
  probeMovedCopy,
  probeMovedTwice,
  probeBareRoot,
  probeReadOnly,
  probeHostileEnvironment,
  probeIdentity,
  probeFileTrace,
  probeImports,
  probeLauncher,
  probeArchiveRoundTrip,
  probeStartUp,
  probeSelfTest,
  probeReproducible,
];
