import { table, texts, type Table } from '../project/project-facts';
import type { Frontend } from './frontend';

/** Names of systems and machines as cibuildwheel has them. */
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', macos: 'macos', windows: 'windows' };
const MACHINES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  linux: { x86_64: 'x86_64', aarch64: 'aarch64' },
  macos: { x86_64: 'x86_64', aarch64: 'arm64', universal2: 'universal2' },
  windows: { x86_64: 'AMD64', aarch64: 'ARM64' },
};

/** Where cibuildwheel's Linux containers have what it was called in. */
export const CONTAINER_PROJECT = '/project';

/** Paths of this machine and settings of its engine mean nothing in a container. */
const OF_THIS_MACHINE =
  /^(PATH|HOME|TMPDIR|TEMP|TMP|NETRC|CARGO_HOME|RUSTUP_HOME|NIX_SSL_CERT_FILE|GIT_SSL_CAINFO|CARGO_HTTP_CAINFO|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|(PIP|UV)_(CACHE_DIR|CONFIG_FILE|FIND_LINKS|CERT|CLIENT_CERT|CREDENTIALS_DIR|PYTHON_INSTALL_DIR)|(XDG|DOCKER|CONTAINERS?|CIBW)_.*)$/;

/**
 * cibuildwheel: wheels for all Pythons of `[tool.cibuildwheel]`, on Linux in manylinux or musllinux containers. It is called in the unpacked sdist, so
 * that paths are the same each time (a file it would unpack to a folder with a random name); what it builds, repairs and tests stands in the project's
 * own settings. A variable of ours replaces the setting of its name, hence the merging. Source: its documents, "Options" and "Command line".
 */
export const cibuildwheel: Frontend = {
  id: 'cibuildwheel',
  makes: ['wheel'],
  manyWheels: true,
  command({ source, output, platform, configSettings, manifest, variables }, tool) {
    const [os = '', machine = ''] = platform.split('-');
    const settings = Object.entries(configSettings).map(([name, value]) => `${name}="${String(value)}"`);
    const args = ['--platform', SYSTEMS[os] ?? os, '--archs', MACHINES[os]?.[machine] ?? machine, '--output-dir', output, source];
    const env = {
      ...(settings.length > 0 && { CIBW_CONFIG_SETTINGS: settings.join(' ') }),
      ...(os === 'linux' && linuxVariables(platform, table(table(manifest['tool'])['cibuildwheel']), variables)),
    };
    return { tool, args, cwd: source, env };
  },
};

/** One C library for each target, and in the containers the environment of every other build, behind which the project's own settings win. */
function linuxVariables(platform: string, settings: Table, variables: Readonly<Record<string, string>>): Record<string, string> {
  const linux = table(settings['linux']);
  const other = platform.endsWith('-musl') ? '*-manylinux_*' : '*-musllinux_*';
  const skip = variables['CIBW_SKIP'] ?? wordsOf(linux['skip'] ?? settings['skip']);
  const named = variables['CIBW_ENVIRONMENT_PASS_LINUX'] ?? variables['CIBW_ENVIRONMENT_PASS'];
  const pass = named ?? wordsOf(linux['environment-pass'] ?? settings['environment-pass']);
  const ours = Object.keys(variables).filter((name) => !OF_THIS_MACHINE.test(name));
  return {
    CIBW_SKIP: [skip, other].filter((words) => words !== '').join(' '),
    CIBW_ENVIRONMENT_PASS_LINUX: [...new Set([...ours, ...pass.split(/\s+/).filter((word) => word !== '')])].sort().join(' '),
  };
}

/** A list of settings as a variable spells it. */
const wordsOf = (value: unknown): string => (typeof value === 'string' ? value : texts(value).join(' '));

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
