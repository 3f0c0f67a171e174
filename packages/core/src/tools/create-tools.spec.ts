import { copyFileSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO, demoScript, makeDemoWheel, placeProgram, standInPython, temporaryFolder } from '../testing';
import { createProcesses } from '../processes/create-processes';
import type { Processes } from '../processes/process-port';
import { toolPlatform } from './tool-platform';
import { createTools, type ToolsOptions } from './create-tools';
import type { ResolvedTool, ToolDescriptor } from './tool-descriptor';

const folder = temporaryFolder();
const bin = (): string => join(folder.path, 'bin');
const ONLY_PATH: ToolDescriptor = (({ managed: _, ...rest }) => rest)(DEMO);

/** Real processes that are counted. */
function counting(): Processes & { started: string[] } {
  const real = createProcesses();
  const started: string[] = [];
  return { started, run: (request) => (started.push(request.file), real.run(request)) };
}

const resolve = (
  descriptor: ToolDescriptor,
  variables: Record<string, string> = {},
  explicit?: string,
  options: Partial<ToolsOptions> = {},
): Promise<ResolvedTool> =>
  createTools({
    processes: createProcesses(),
    environment: { PATH: bin(), HOME: folder.path, ...variables },
    managedFolder: join(folder.path, 'managed'),
    lock: {},
    ...options,
  }).resolve(descriptor, explicit);

describe('a tool is looked for', () => {
  it('where an option says, then where the environment says, then on PATH', async () => {
    const option = placeProgram(join(folder.path, 'o'), 'a', demoScript('1.1'));
    const environment = placeProgram(join(folder.path, 'e'), 'b', demoScript('1.2'));
    const path = placeProgram(bin(), 'demo', demoScript('1.3'));
    const variables = { WAYBILL_DEMO: environment };
    expect(await resolve(DEMO, variables, option)).toEqual({ id: 'demo', path: option, prefixArgs: [], version: '1.1', source: 'option' });
    expect(await resolve(DEMO, variables)).toMatchObject({ path: environment, version: '1.2', source: 'environment' });
    expect(await resolve(DEMO)).toMatchObject({ path, version: '1.3', source: 'path' });
  });

  it('on PATH also when it is named without a folder', async () => {
    const path = placeProgram(bin(), 'demo-1.1', demoScript('1.1'));
    expect(await resolve(DEMO, {}, 'demo-1.1')).toMatchObject({ path, source: 'option' });
  });

  it('on PATH as a program: no folder, no file that may not run, no relative place', async () => {
    placeProgram(join(bin(), 'demo'), 'x', '');
    writeFileSync(join(folder.path, 'demo'), demoScript('1.1'));
    const path = placeProgram(join(folder.path, 'last'), 'demo', demoScript('1.2'));
    expect(await resolve(DEMO, { PATH: ['.', '', bin(), folder.path, join(folder.path, 'last')].join(':') })).toMatchObject({ path });
  });

  it('and its version is known without provisioning it', async () => {
    const wheel = { file: 'demo.whl', sha256: '0'.repeat(64), executable: 'demo', executableSha256: '0'.repeat(64) };
    const lock = { [DEMO.managed!]: { version: '1.7', wheels: { [toolPlatform()]: wheel } } };
    const versionOf = (variables: Record<string, string> = {}): Promise<string> =>
      createTools({
        processes: createProcesses(),
        environment: { PATH: bin(), HOME: folder.path, ...variables },
        managedFolder: join(folder.path, 'managed'),
        lock,
      }).versionOf(DEMO);
    expect(await versionOf()).toBe('1.7');
    expect(existsSync(join(folder.path, 'managed/demo-1.7'))).toBe(false);
    placeProgram(bin(), 'demo', demoScript('1.3'));
    expect(await versionOf()).toBe('1.3');
    expect(await versionOf({ WAYBILL_DEMO: placeProgram(join(folder.path, 'e'), 'b', demoScript('1.2')) })).toBe('1.2');
  });

  it('once for calls that ask at once', async () => {
    placeProgram(bin(), 'demo', demoScript('1.1'));
    const processes = counting();
    const tools = createTools({ processes, environment: { PATH: bin() }, managedFolder: join(folder.path, 'managed'), lock: {} });
    await Promise.all([tools.resolve(DEMO), tools.resolve(DEMO), tools.resolve(DEMO)]);
    expect(processes.started).toHaveLength(1);
  });
});

describe('a tool is missing', () => {
  it('and the error says where it was looked for and how to get it', async () => {
    await expect(resolve(DEMO)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      details: ['`WAYBILL_DEMO` is not set', 'no `demo` on PATH', expect.stringMatching(/none to provision/) as string],
      fix: 'install it: `pip install waybill-demo==2.0`, or name one by `WAYBILL_DEMO`',
    });
    await expect(resolve(ONLY_PATH)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      details: expect.arrayContaining(['Waybill does not provision it']) as string[],
    });
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['an option', {}, '/no/demo'],
    ['the environment', { WAYBILL_DEMO: '/no/demo' }, undefined],
  ])('where %s names one, although PATH has one', async (_, variables, explicit) => {
    placeProgram(bin(), 'demo', demoScript('1.1'));
    await expect(resolve(DEMO, variables, explicit)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      details: [expect.stringMatching(/names `\/no\/demo`, which is no program/)],
    });
  });
});

describe('a version is refused', () => {
  it.each<[string, string, RegExp[]]>([
    ['too old', demoScript('0.9'), [/^found /, /^expected version 1.0 or newer, but not 1.5$/, /^actual 0.9$/]],
    ['known to be broken', demoScript('1.5'), [/^found /, /^expected /, /^actual 1.5$/, /^refused: it breaks things$/]],
    ['of another program', '#!/bin/sh\necho something else\n', [/^found /, /^expected /, /^actual `--version` gives exit code 0: something else$/]],
    [
      'of a program that fails',
      '#!/bin/sh\necho "demo: command not found" >&2; exit 127\n',
      [/^found /, /^expected /, /^actual .* exit code 127: demo: command not found$/],
    ],
    ['of a program without interpreter', '#!/no/sh\n', [/^found /, /^expected /, /^actual .*`\/no\/sh` is not there$/]],
  ])('that is %s: on PATH, by option and by environment', async (_, text, details) => {
    const path = placeProgram(bin(), 'demo', text);
    for (const attempt of [() => resolve(DEMO), () => resolve(DEMO, {}, path), () => resolve(DEMO, { WAYBILL_DEMO: path })]) {
      const error: unknown = await attempt().catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'TOOL_VERSION' });
      expect((error as { details: string[] }).details.slice(0, details.length)).toEqual(details.map((line) => expect.stringMatching(line) as string));
    }
  });

  it.each(['0.9', '1.5'])('%s, and taken when it is allowed by name', async (version) => {
    const path = placeProgram(bin(), 'demo', demoScript(version));
    await expect(resolve(DEMO, { WAYBILL_ALLOW_REFUSED_TOOLS: 'other' }, path)).rejects.toMatchObject({
      fix: expect.stringContaining('`WAYBILL_ALLOW_REFUSED_TOOLS=demo`') as string,
    });
    for (const list of ['demo', 'other,demo', 'other demo'])
      expect(await resolve(DEMO, { WAYBILL_ALLOW_REFUSED_TOOLS: list }, path)).toMatchObject({ version });
    expect(await resolve(DEMO, { WAYBILL_ALLOW_REFUSED_TOOLS: 'demo' })).toMatchObject({ version, source: 'path' });
  });
});

describe('the pinned tool is taken', () => {
  const withPinned = async (
    descriptor: ToolDescriptor,
    onPath: string | undefined,
    variables: Record<string, string> = {},
  ): Promise<ResolvedTool> => {
    const { path, lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', standInPython(path, join(folder.path, 'log')));
    if (onPath !== undefined) placeProgram(bin(), 'demo', onPath);
    return resolve(descriptor, variables, undefined, { lock });
  };
  const CHOOSY: ToolDescriptor = { ...DEMO, preferred: { versions: 'version 2.0', fits: (version) => version === '2.0' } };

  it('when there is no other', async () => {
    const tool = await withPinned(DEMO, undefined);
    expect(tool).toMatchObject({ source: 'managed', version: '2.0' });
    expect(tool).not.toHaveProperty('passedOver');
  });

  it.each<[string, ToolDescriptor, string, RegExp]>([
    ['too old', DEMO, demoScript('0.9'), /`.*bin\/demo` was passed over: expected version 1.0 or newer, but not 1.5, actual 0.9$/],
    ['refused', DEMO, demoScript('1.5'), /actual 1.5; refused: it breaks things$/],
    ['not the tool', DEMO, '#!/bin/sh\nexit 127\n', /actual `--version` gives exit code 127$/],
    ['not the preferred version', CHOOSY, demoScript('1.1'), /expected version 2.0, actual 1.1$/],
  ])('when what is on PATH is %s', async (_, descriptor, onPath, passedOver) => {
    expect(await withPinned(descriptor, onPath)).toMatchObject({
      source: 'managed',
      version: '2.0',
      passedOver: expect.stringMatching(passedOver) as string,
    });
  });

  it.each<[string, string, Record<string, string>]>([
    ['is the preferred version', '2.0', {}],
    ['is allowed', '1.1', { WAYBILL_ALLOW_REFUSED_TOOLS: 'demo' }],
  ])('not when what is on PATH %s', async (_, version, variables) => {
    expect(await withPinned(CHOOSY, demoScript(version), variables)).toMatchObject({ source: 'path', version });
  });

  it('not where nothing is pinned: what works is taken although another version is better', async () => {
    placeProgram(bin(), 'demo', demoScript('1.1'));
    expect(await resolve(CHOOSY)).toMatchObject({ source: 'path', version: '1.1' });
  });

  it('or nothing: when it is not to be had, what was passed over is named', async () => {
    await expect(withPinned(DEMO, demoScript('0.9'), { WAYBILL_OFFLINE: '1' })).rejects.toMatchObject({
      code: 'TOOL_VERSION',
      details: expect.arrayContaining([
        'actual 0.9',
        expect.stringMatching(/^the pinned one is not to be had: .*`WAYBILL_OFFLINE`/) as string,
      ]) as string[],
      cause: { code: 'TOOL_OFFLINE' },
    });
  });

  it('or nothing: a wrong digest is never hidden behind another error', async () => {
    const { path, lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', standInPython(path, join(folder.path, 'log')));
    placeProgram(bin(), 'demo', demoScript('0.9'));
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')]));
    await expect(resolve(DEMO, {}, undefined, { lock })).rejects.toMatchObject({ code: 'TOOL_DIGEST' });
  });
});

describe('the folder of managed tools', () => {
  it.each<[string, Record<string, string>, string]>([
    ['WAYBILL_TOOLS_DIR', { WAYBILL_TOOLS_DIR: '{}/named', XDG_CACHE_HOME: '{}/xdg' }, 'named'],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '{}/xdg' }, 'xdg/waybill/tools'],
    ['HOME', { HOME: '{}/home' }, 'home/.cache/waybill/tools'],
  ])('is what %s says', async (_, variables, expected) => {
    const { path, lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', standInPython(path, join(folder.path, 'log')));
    const environment = {
      PATH: bin(),
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replace('{}', folder.path)])),
    };
    const tool = await createTools({ processes: createProcesses(), environment, lock }).resolve(DEMO);
    expect(tool.path.startsWith(`${join(folder.path, expected)}/waybill-demo-2.0-`)).toBe(true);
  });
});

describe('versions are remembered', () => {
  /** `echo` prints its arguments: a native program with the version that it is asked for. */
  const ECHO: ToolDescriptor = { ...ONLY_PATH, versionArgs: ['demo 1.1'] };
  const ask = async (path: string, descriptor: ToolDescriptor = ECHO): Promise<number> => {
    const processes = counting();
    expect(await resolve(descriptor, {}, path, { processes })).toMatchObject({ version: '1.1' });
    return processes.started.length;
  };

  it('of native programs, until their file changes', async () => {
    const path = placeProgram(bin(), 'demo', '');
    copyFileSync('/bin/echo', path);
    expect([await ask(path), await ask(path)]).toEqual([1, 0]);
    utimesSync(path, 1, 1);
    expect([await ask(path), await ask(path)]).toEqual([1, 0]);
  });

  it('not of scripts, which answer by the environment', async () => {
    const path = placeProgram(bin(), 'demo', demoScript('1.1'));
    expect([await ask(path), await ask(path)]).toEqual([1, 1]);
  });

  it.each(['', '{', '[]', 'null', '{"demo /x":3}'])('anew when the memory holds %p', async (text) => {
    const path = placeProgram(bin(), 'demo', '');
    copyFileSync('/bin/echo', path);
    await ask(path);
    writeFileSync(join(folder.path, 'managed', 'versions.json'), text);
    expect([await ask(path), await ask(path)]).toEqual([1, 0]);
  });

  it('nowhere when the folder cannot be made, which is no error', async () => {
    const path = placeProgram(bin(), 'demo', '');
    copyFileSync('/bin/echo', path);
    writeFileSync(join(folder.path, 'managed'), 'a file');
    expect([await ask(path), await ask(path)]).toEqual([1, 1]);
    expect(existsSync(join(folder.path, 'managed'))).toBe(true);
  });
});
