import {
  CIBUILDWHEEL,
  CODESIGN,
  MATURIN,
  NOTARYTOOL,
  JSIGN,
  OSSLSIGNCODE,
  PATCHELF,
  RCODESIGN,
  SECURITY,
  SIGNTOOL,
  STRIP,
  UV,
  WaybillError,
  type ToolDescriptor,
  type Tools,
} from '@waybill/core';
import type { NxGraph, NxTarget } from '@waybill/plugin-kit';
import type { ToolRow } from './doctor-report';

type Options = Readonly<Record<string, unknown>>;

interface Need {
  executor: string;
  tool: ToolDescriptor;
  when(options: Options): boolean;
}

const GIT: ToolDescriptor = {
  id: 'git',
  environmentVariable: 'WAYBILL_GIT',
  versionArgs: ['--version'],
  parseVersion: (output) => /^git version (\d+\.\d+(?:\.\d+)?)/m.exec(output)?.[1],
  install: 'your system’s package `git`',
};

/** For native builds of others, which Waybill neither runs nor installs. */
const CARGO: ToolDescriptor = {
  id: 'cargo',
  environmentVariable: 'CARGO',
  versionArgs: ['--version'],
  parseVersion: (output) => /^cargo (\d+\.\d+\.\d+)/m.exec(output)?.[1],
  install: 'rustup (rustup.rs)',
};

const callsCargo = ({ command, commands }: Options): boolean => /\bcargo\b/.test(JSON.stringify([command, commands]));

const callsNotarytool = ({ backend, keychainProfile, skip }: Options): boolean =>
  skip === undefined && (backend === 'notarytool' || keychainProfile !== undefined);

const callsSigntool = ({ backend, keystore, identityEnv, signtool }: Options): boolean =>
  backend === 'authenticode' && keystore === undefined && (identityEnv ?? signtool) !== undefined;

const callsOsslsigncode = (options: Options): boolean =>
  options['backend'] === 'authenticode' && options['keystore'] === undefined && !callsSigntool(options);

/** On a Mac, unless an option names the other one; keychains are read by it alone. */
const callsCodesign = ({ backend, codesign, identityEnv, rcodesign }: Options): boolean =>
  backend === 'apple' && ((codesign ?? identityEnv) !== undefined || (rcodesign === undefined && process.platform === 'darwin'));

/** Of the machine: Waybill takes an interpreter that is there, or the one that a project names. */
const PYTHON: ToolDescriptor = {
  id: 'python3',
  environmentVariable: 'PYO3_PYTHON',
  versionArgs: ['--version'],
  parseVersion: (output) => /^Python (\d+\.\d+\.\d+)/m.exec(output)?.[1],
  minimum: '3.9',
  install: 'uv python install 3.13',
};

/** Which executor needs which tool, as the executors themselves say it (release may name them as text alone: plugins never import plugins). */
const NEEDS: readonly Need[] = [
  { executor: '@waybill/python:build-wheel', tool: PYTHON, when: ({ python }) => python === undefined },
  { executor: '@waybill/bundle:package-dist', tool: PYTHON, when: ({ runtime }) => runtime === undefined },
  { executor: '@waybill/python:build-wheel', tool: UV, when: ({ frontend }) => frontend === 'uv' },
  { executor: '@waybill/python:build-wheel', tool: MATURIN, when: ({ frontend }) => frontend === 'maturin' },
  { executor: '@waybill/python:build-wheel', tool: CIBUILDWHEEL, when: ({ frontend }) => frontend === 'cibuildwheel' },
  { executor: '@waybill/bundle:package-dist', tool: PATCHELF, when: () => true },
  { executor: '@waybill/bundle:package-dist', tool: STRIP, when: ({ strip }) => strip !== false },
  { executor: '@waybill/bundle:package-dist', tool: UV, when: ({ requirements }) => requirements !== undefined },
  { executor: '@waybill/bundle:prepare-runtime', tool: PATCHELF, when: () => true },
  { executor: '@waybill/bundle:prepare-runtime', tool: STRIP, when: ({ strip }) => strip !== false },
  { executor: '@waybill/release:checksum', tool: GIT, when: () => true },
  { executor: '@waybill/release:publish', tool: GIT, when: () => true },
  { executor: 'nx:run-commands', tool: CARGO, when: callsCargo },
  { executor: '@monodon/rust:build', tool: CARGO, when: () => true },
  { executor: '@waybill/signing:sign', tool: OSSLSIGNCODE, when: callsOsslsigncode },
  { executor: '@waybill/signing:sign', tool: SIGNTOOL, when: callsSigntool },
  { executor: '@waybill/signing:sign', tool: JSIGN, when: ({ keystore }) => keystore !== undefined },
  { executor: '@waybill/signing:notarize', tool: NOTARYTOOL, when: callsNotarytool },
  { executor: '@waybill/signing:notarize', tool: RCODESIGN, when: ({ backend, skip }) => skip === undefined && backend === 'rcodesign' },
  { executor: '@waybill/signing:sign', tool: CODESIGN, when: callsCodesign },
  { executor: '@waybill/signing:sign', tool: SECURITY, when: callsCodesign },
  { executor: '@waybill/signing:sign', tool: RCODESIGN, when: (options) => options['backend'] === 'apple' && !callsCodesign(options) },
];

export interface ToolSearch {
  /** Finds what a run would take, pinned ones too. */
  all: Pick<Tools, 'versionOf'>;
  /** Finds what this machine has. */
  here: Pick<Tools, 'versionOf'>;
}

/** The tools that targets of the graph need, each once, with what a run would take. Nothing is downloaded. */
export async function neededTools({ nodes }: NxGraph, search: ToolSearch): Promise<readonly ToolRow[]> {
  const targets = Object.values(nodes).flatMap(({ data }) => Object.values(data.targets ?? {}));
  const needed = new Map<ToolDescriptor, Set<string>>();
  for (const { executor, tool, when } of NEEDS) {
    if (!targets.some((target: NxTarget) => target.executor === executor && when(target.options ?? {}))) continue;
    needed.set(tool, (needed.get(tool) ?? new Set()).add(executor.split(':')[1]!));
  }
  return Promise.all([...needed].map(([tool, users]) => toolRow(tool, [...users], search)));
}

async function toolRow(tool: ToolDescriptor, users: readonly string[], search: ToolSearch): Promise<ToolRow> {
  const { id, minimum, refused = [], install } = tool;
  const except = refused.length > 0 ? `, not ${refused.map(({ version }) => version).join(', ')}` : '';
  const row = { tool: id, for: users.join(', '), needed: `${minimum === undefined ? 'any version' : `${minimum} or newer`}${except}`, install };
  const here = await versionIn(search.here, tool);
  if (here !== undefined) return { ...row, found: here, from: 'this machine' };
  const pinned = await versionIn(search.all, tool);
  return pinned === undefined ? row : { ...row, found: pinned, from: 'provisioned by Waybill when needed' };
}

/** `undefined` when there is none that works. */
async function versionIn(tools: Pick<Tools, 'versionOf'>, tool: ToolDescriptor): Promise<string | undefined> {
  try {
    return await tools.versionOf(tool);
  } catch (error) {
    if (!(error instanceof WaybillError) || !error.code.startsWith('TOOL_')) throw error;
    return undefined;
  }
}
