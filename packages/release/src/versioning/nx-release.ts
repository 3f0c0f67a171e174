import { createRequire } from 'node:module';

/** Nx itself is no dependency of a plugin; `@nx/devkit` knows which one the workspace has. */
const requireOfDevkit = createRequire(require.resolve('@nx/devkit'));

export const { VersionActions } = requireOfDevkit('nx/release') as typeof import('nx/release');

export const DefaultChangelogRenderer = (requireOfDevkit('nx/release/changelog-renderer') as typeof import('nx/release/changelog-renderer')).default;
