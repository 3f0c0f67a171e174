import type { Frontend } from './frontend';

/** Names of systems and machines as cibuildwheel has them. */
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', macos: 'macos', windows: 'windows' };
const MACHINES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  linux: { x86_64: 'x86_64', aarch64: 'aarch64' },
  macos: { x86_64: 'x86_64', aarch64: 'arm64', universal2: 'universal2' },
  windows: { x86_64: 'AMD64', aarch64: 'ARM64' },
};

/**
 * cibuildwheel: wheels for all Pythons of `[tool.cibuildwheel]`, on Linux in manylinux or musllinux containers. It is fed our sdist; what it
 * builds, repairs and tests stands in the project's own settings. Source: its documents, "Options" and "Command line".
 */
export const cibuildwheel: Frontend = {
  id: 'cibuildwheel',
  makes: ['wheel'],
  manyWheels: true,
  command({ source, output, platform, configSettings }, tool) {
    const [os = '', machine = ''] = platform.split('-');
    const settings = Object.entries(configSettings).map(([name, value]) => `${name}="${String(value)}"`);
    const args = ['--platform', SYSTEMS[os] ?? os, '--archs', MACHINES[os]?.[machine] ?? machine, '--output-dir', output, source];
    return { tool, args, cwd: output, env: { ...(settings.length > 0 && { CIBW_CONFIG_SETTINGS: settings.join(' ') }) } };
  },
};

/** One build of cibuildwheel's output. */
export interface ReportedBuild {
  /** `cp311-manylinux_x86_64`. */
  id: string;
  /** In its words: `3 minutes`. Absent when the build did not end well. */
  took?: string;
}

/** Which builds cibuildwheel's output tells of (its `logger.py`): `Building cp311-… wheel` begins one, `✓ cp311-… finished in 3 minutes` ends it well. */
export function readBuilds(output: string): readonly ReportedBuild[] {
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const begun = [...plain.matchAll(/^Building (\S+) wheel$/gm)].map((match) => match[1]!);
  const ended = new Map([...plain.matchAll(/^\S+ +(\S+) finished in (.+)$/gm)].map((match) => [match[1]!, match[2]!]));
  return [...new Set([...begun, ...ended.keys()])].map((id) => {
    const took = ended.get(id);
    return { id, ...(took !== undefined && { took }) };
  });
}
