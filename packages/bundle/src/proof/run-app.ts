import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleLayout } from '@waybill/relocation';
import { ASSETS_INSIDE, type Identity, type Sandbox, type Sandboxes } from '../isolation';
import type { AppRun, AppStart, StartMeasure, TracedRun } from '../probes';
import { baseEnvironment, HOMELESS, startAtPlace, type Condition } from '../probes/conditions';
import { endOf } from '../probes/judge-answer';
import { driverLines, readDriverReport, type DriverReport } from '../probes/read-driver';
import { readTrace } from '../trace/read-trace';
import type { Limit } from './limit-concurrency';
import { nonceFor } from '../ground/nonce';
import type { Shape } from '../ground/places';
import type { ProofPorts, ProofRequest } from '../ground/proof-request';

/** One run imports every extension module: what the time for a run grows by with each. */
const MODULE_MS = 1000;
const SERVICES = 'stdlib,tls,sqlite,zones,terminals,tcl,ctypes,child,spawn';

export interface AppRunnerOptions {
  request: ProofRequest;
  ports: ProofPorts;
  layout: BundleLayout;
  launcher: string;
  sandboxes: Sandboxes;
  openBare(): Promise<Sandbox | string>;
  identity: Identity;
  shapes: readonly Shape[];
  limit: Limit;
  /** Shared objects in the bundle. */
  sharedObjects: number;
}

/** Starts the bundle in all the ways that probes ask for; what several probes want is run once. */
export class AppRunner {
  private tracedRun: Promise<TracedRun | string> | undefined;
  private driverRun: Promise<DriverReport | string> | undefined;
  private written: Promise<AppRun[]> | undefined;
  private plain: Promise<AppRun> | undefined;
  private bare: Promise<AppRun | undefined> | undefined;
  private readonly conditions = new Map<Condition, Promise<AppRun | undefined>>();

  constructor(private readonly options: AppRunnerOptions) {}

  async start({ sandbox = this.options.sandboxes.host, place = 'app', shape, request = {}, wrapper = [] }: AppStart = {}): Promise<AppRun> {
    const { launcher } = this.options;
    const start = shape?.start?.(sandbox.locate);
    const root = await sandbox.place(shape && start === undefined ? shape.id : place);
    const argv = [...wrapper, ...this.argvFor(start?.argv0, `${root}/${launcher}`), ...this.command(sandbox)] as [string, ...string[]];
    const path = start?.path;
    const env = { ...(request.env ?? baseEnvironment(sandbox)), ...(path !== undefined && { PATH: path }) };
    const cwd = request.cwd ?? start?.cwd;
    const result = await this.options.limit(() =>
      sandbox.run({
        timeoutMs: this.options.request.runTimeoutMs,
        identity: this.options.identity,
        ...request,
        env,
        argv,
        ...(cwd !== undefined && { cwd }),
      }),
    );
    return { ...result, place: root, aliases: start?.aliases ?? [], argv };
  }

  /** Not cached: whom the time matters waits until others have ended. Where it decides nothing one start is enough. */
  async measure(): Promise<StartMeasure | string> {
    const { layout, launcher, sandboxes, request, identity } = this.options;
    const { host } = sandboxes;
    if (layout.python === undefined) return 'the bundle has no interpreter that could measure';
    const place = await host.place('app');
    const nonce = nonceFor('measure');
    const argv: [string, ...string[]] = [
      `${place}/${layout.python}`,
      '-I',
      `${host.locate(ASSETS_INSIDE)}/measure-run.py`,
      nonce,
      request.startBudgetMs === undefined ? '1' : '2',
      `${place}/${launcher}`,
      ...this.command(host),
    ];
    const run = await this.options.limit(() => host.run({ argv, env: baseEnvironment(host), identity, timeoutMs: request.runTimeoutMs }));
    const [measured] = driverLines(run.stdout, nonce);
    return measured ? (measured as unknown as StartMeasure) : (run.stderr.trim().split('\n').at(-1) ?? 'no answer');
  }

  traced(): Promise<TracedRun | string> {
    return (this.tracedRun ??= this.trace());
  }

  driver(): Promise<DriverReport | string> {
    return (this.driverRun ??= this.drive());
  }

  writableRuns(): Promise<readonly AppRun[]> {
    return (this.written ??= this.runWritable());
  }

  underCondition(condition: Condition): Promise<AppRun | undefined> {
    const known = this.conditions.get(condition);
    if (known !== undefined) return known;
    const { shapes, sandboxes } = this.options;
    const run = Promise.resolve(startAtPlace(condition, { shapes, sandboxes, start: (options) => this.start(options) }));
    this.conditions.set(condition, run);
    return run;
  }

  plainRun(): Promise<AppRun> {
    return (this.plain ??= this.traced().then((traced) =>
      typeof traced === 'string' || endOf(traced.run) !== undefined ? this.start() : traced.run,
    ));
  }

  bareRun(): Promise<AppRun | undefined> {
    return (this.bare ??= this.options
      .openBare()
      .then((bare) => (typeof bare === 'string' ? undefined : this.start({ sandbox: bare, request: { ...HOMELESS, closed: ['stdin'] } }))));
  }

  private argvFor(argv0: string | undefined, absolute: string): string[] {
    if (argv0 === 'sh') return ['/bin/sh', absolute];
    return [argv0 ?? absolute];
  }

  /** A launcher that is the interpreter itself answers through a script of ours. */
  private command(sandbox: Sandbox): readonly string[] {
    const { request, layout, launcher } = this.options;
    return request.commandIsDefault && layout.python === launcher ? ['-I', `${sandbox.locate(ASSETS_INSIDE)}/answer.py`] : request.command;
  }

  private async trace(): Promise<TracedRun | string> {
    const { sandboxes, request, launcher } = this.options;
    if (sandboxes.strace === undefined) return sandboxes.host.tier === 'proot' ? 'strace cannot look into proot' : '`strace` is not installed';
    const folder = join(request.workFolder, 'trace');
    await mkdir(folder);
    await chmod(folder, 0o1777);
    const prefix = join(folder, 'app');
    const run = await this.start({ request: { traceTo: prefix } });
    const root = sandboxes.host.rootFolder;
    const trace = await readTrace({ prefix, started: `${run.place}/${launcher}`, ...(root !== undefined && { root }), cwd: '/' });
    if (trace.calls.length > 0) return { run, trace };
    return `\`strace\` recorded nothing: ${
      run.stderr
        .trim()
        .split('\n')
        .find((line) => line.includes('strace')) ?? 'no system calls'
    }`;
  }

  private async drive(): Promise<DriverReport | string> {
    const { layout, request, sandboxes, openBare, identity, ports, sharedObjects } = this.options;
    if (layout.python === undefined) return 'the bundle has no interpreter that could import modules';
    const bare = await openBare();
    const sandbox = typeof bare === 'string' ? sandboxes.host : bare;
    const place = await sandbox.place('app');
    const nonce = nonceFor('imports');
    const argv: [string, ...string[]] = [
      `${place}/${layout.python}`,
      '-I',
      `${sandbox.locate(ASSETS_INSIDE)}/drive-imports.py`,
      nonce,
      String(ports.concurrency),
      place,
      String(Math.ceil(request.runTimeoutMs / 1000)),
      SERVICES,
      ...request.imports,
    ];
    const run = await this.options.limit(
      () => sandbox.run({ argv, env: baseEnvironment(sandbox), identity, timeoutMs: 2 * request.runTimeoutMs + sharedObjects * MODULE_MS }),
      'long',
    );
    const cutOff = run.timedOut || run.diedOf !== undefined;
    const trouble = cutOff ? endOf(run) : run.stderr.trim().split('\n').slice(-2).join(' · ');
    return readDriverReport(run.stdout, nonce, { place, profile: sandbox.profile }, trouble === '' ? undefined : trouble);
  }

  /** First alone, so that a cache would be there for the next; then from two places at once. */
  private async runWritable(): Promise<AppRun[]> {
    const first = await this.start({ place: 'first', request: { identity: 'owner' } });
    const both = await Promise.all(['second', 'first'].map((place) => this.start({ place, request: { identity: 'owner' } })));
    return [first, ...both];
  }
}
