export * from './isolation-tier';
export * from './sandbox';
export * from './hidden-places';
export { findHostPythons, prefixesOf, type HostPython } from './find-host-pythons';
export { findProgram } from './find-program';
export { NoTier, openSandboxes, type OpenRequest, type Sandboxes } from './open-sandboxes';
export { ASSETS_INSIDE, HOME_INSIDE } from './plan-root';
export type { Canary, HidingProof } from './prove-hidden';
export { signalName } from './signal-name';
