import { resolve } from 'node:path';
import { coreErrors } from '../errors/core-errors';
import { WaybillError } from '../errors/waybill-error';
import type { Processes } from '../processes/process-port';
import { findOnPath, isProgram } from './find-on-path';
import { toolPlatform } from './tool-platform';
import { isOffline } from './is-offline';
import { expectedOf, refusalOf, reservationOf, type Objection } from './judge-version';
import { managedFolderOf } from './managed-folder';
import { provisionLibrary, provisionTool } from './managed';
import { readToolVersion } from './read-tool-version';
import type { LibraryTools, ManagedLibrary, ResolvedTool, ToolDescriptor } from './tool-descriptor';
import { LIBRARY_LOCK, TOOL_LOCK, type LibraryLock, type ToolLock } from './tool-lock';

export interface ToolsOptions {
  processes: Processes;
  /** The caller's whole environment. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Default: `WAYBILL_TOOLS_DIR`, then `${XDG_CACHE_HOME:-~/.cache}/waybill/tools`. */
  managedFolder?: string;
  /** Default: what `WAYBILL_OFFLINE` says. */
  offline?: boolean;
  /** What is pinned; another one is given by tests. */
  lock?: ToolLock;
  libraries?: LibraryLock;
  /** Told before something takes long. */
  progress?: (line: string) => void;
}

/** A program that was found and looked at. */
interface Candidate {
  path: string;
  version?: string;
  objection?: Objection;
}

/** Finds each tool once; two calls for the same tool share one search. */
export function createTools(options: ToolsOptions): LibraryTools {
  const finder = new ToolFinder(options);
  const found = new Map<string, Promise<ResolvedTool>>();
  return {
    resolve(descriptor, explicitPath) {
      const key = `${descriptor.id} ${explicitPath ?? ''}`;
      const tool = found.get(key) ?? finder.resolve(descriptor, explicitPath);
      found.set(key, tool);
      return tool;
    },
    library: (name) => finder.library(name),
    versionOf: (descriptor) => finder.versionOf(descriptor),
  };
}

class ToolFinder {
  readonly #options: ToolsOptions;
  readonly #folder: string;

  constructor(options: ToolsOptions) {
    this.#options = options;
    this.#folder = options.managedFolder ?? managedFolderOf(options.environment);
  }

  async resolve(descriptor: ToolDescriptor, explicitPath: string | undefined): Promise<ResolvedTool> {
    const { environment } = this.#options;
    if (explicitPath) return this.#named(descriptor, explicitPath, 'option');
    const named = environment[descriptor.environmentVariable];
    if (named) return this.#named(descriptor, named, 'environment');
    const candidate = await this.#onPath(descriptor);
    if (candidate?.version !== undefined && !candidate.objection) return toolOf(descriptor, candidate.path, candidate.version, 'path');
    return this.#managed(descriptor, candidate);
  }

  async library(name: string): Promise<ManagedLibrary> {
    const { processes, environment, progress = () => undefined } = this.#options;
    const library = (this.#options.libraries ?? LIBRARY_LOCK)[name];
    if (!library)
      throw missing({ id: name, install: `pip install ${name}`, environmentVariable: 'WAYBILL_TOOLS_DIR' }, ['Waybill does not provision it']);
    const offline = this.#options.offline ?? isOffline(environment);
    return provisionLibrary({ name, library, folder: this.#folder, offline, processes, environment, progress });
  }

  async versionOf(descriptor: ToolDescriptor): Promise<string> {
    const pinned = this.#pinned(descriptor);
    const isNamed = Boolean(this.#options.environment[descriptor.environmentVariable]);
    if (pinned === undefined || isNamed) return (await this.resolve(descriptor, undefined)).version;
    const candidate = await this.#onPath(descriptor);
    return candidate?.version !== undefined && !candidate.objection ? candidate.version : pinned.version;
  }

  async #onPath(descriptor: ToolDescriptor): Promise<Candidate | undefined> {
    const path = findOnPath(descriptor.command ?? descriptor.id, this.#options.environment);
    return path === undefined ? undefined : this.#lookAt(descriptor, path, 'path');
  }

  /** What the user names is taken or refused, never replaced. */
  async #named(descriptor: ToolDescriptor, name: string, source: 'option' | 'environment'): Promise<ResolvedTool> {
    const path = /[\\/]/.test(name) ? resolve(name) : findOnPath(name, this.#options.environment);
    const by = source === 'option' ? 'an option' : `\`${descriptor.environmentVariable}\``;
    if (path === undefined || !isProgram(path)) throw missing(descriptor, [`${by} names \`${name}\`, which is no program`]);
    const candidate = await this.#lookAt(descriptor, path, source);
    if (candidate.version === undefined || candidate.objection) throw unfit(descriptor, candidate, [`named by ${by}`]);
    return toolOf(descriptor, path, candidate.version, source);
  }

  async #lookAt(descriptor: ToolDescriptor, path: string, source: ResolvedTool['source']): Promise<Candidate> {
    const asked = await readToolVersion(descriptor, path, { ...this.#options, folder: this.#folder });
    if (asked.version === undefined) return { path, objection: { expected: expectedOf(descriptor), actual: asked.answer, why: [] } };
    const allowed = (this.#options.environment['WAYBILL_ALLOW_REFUSED_TOOLS'] ?? '').split(/[\s,]+/).includes(descriptor.id);
    const refusal = allowed ? undefined : refusalOf(descriptor, asked.version);
    const reservation = source === 'path' && !allowed && this.#pinned(descriptor) ? reservationOf(descriptor, asked.version) : undefined;
    const objection = refusal ?? reservation;
    return { path, version: asked.version, ...(objection && { objection }) };
  }

  async #managed(descriptor: ToolDescriptor, candidate: Candidate | undefined): Promise<ResolvedTool> {
    const pinned = this.#pinned(descriptor);
    if (!pinned) {
      if (candidate) throw unfit(descriptor, candidate, []);
      throw this.#nothing(descriptor);
    }
    try {
      const { processes, environment, progress = () => undefined } = this.#options;
      const offline = this.#options.offline ?? isOffline(environment);
      const tool = await provisionTool({ descriptor, ...pinned, folder: this.#folder, offline, processes, environment, progress });
      return { ...toolOf(descriptor, tool.path, tool.version, 'managed'), ...(candidate && { passedOver: passedOver(candidate) }) };
    } catch (cause) {
      if (!candidate || !(cause instanceof WaybillError) || cause.code === 'TOOL_DIGEST') throw cause;
      throw unfit(descriptor, candidate, [`the pinned one is not to be had: ${cause.message}`], cause);
    }
  }

  #pinned(descriptor: ToolDescriptor) {
    const name = descriptor.managed;
    const tool = name === undefined ? undefined : (this.#options.lock ?? TOOL_LOCK)[name];
    const platform = toolPlatform();
    const wheel = tool?.wheels[platform];
    return name === undefined || tool === undefined || wheel === undefined ? undefined : { name, version: tool.version, platform, wheel };
  }

  #nothing(descriptor: ToolDescriptor): WaybillError {
    const command = descriptor.command ?? descriptor.id;
    const provisioned =
      descriptor.managed === undefined ? 'Waybill does not provision it' : `Waybill has none to provision for \`${toolPlatform()}\``;
    return missing(descriptor, [`\`${descriptor.environmentVariable}\` is not set`, `no \`${command}\` on PATH`, provisioned]);
  }
}

const toolOf = ({ id }: ToolDescriptor, path: string, version: string, source: ResolvedTool['source']): ResolvedTool => ({
  id,
  path,
  prefixArgs: [],
  version,
  source,
});

const passedOver = ({ path, objection }: Candidate): string => {
  const { expected, actual, why } = objection!;
  return `\`${path}\` was passed over: expected ${expected}, actual ${[actual, ...why].join('; ')}`;
};

function missing(
  { id, install, environmentVariable }: Pick<ToolDescriptor, 'id' | 'install' | 'environmentVariable'>,
  looked: readonly string[],
): WaybillError {
  return coreErrors.error('TOOL_MISSING', { tool: id, looked, install, variable: environmentVariable });
}

function unfit(descriptor: ToolDescriptor, { path, version, objection }: Candidate, notes: readonly string[], cause?: unknown): WaybillError {
  const { id, install, environmentVariable } = descriptor;
  const { expected, actual, why } = objection!;
  const override = version !== undefined ? `, or take it all the same: \`WAYBILL_ALLOW_REFUSED_TOOLS=${id}\`` : '';
  const fix = `install another version: \`${install}\`, or name one by \`${environmentVariable}\`${override}`;
  return coreErrors.error('TOOL_VERSION', { tool: id, path, expected, actual, why: [...why, ...notes], fix }, { cause });
}
