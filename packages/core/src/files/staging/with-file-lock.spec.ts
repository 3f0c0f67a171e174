import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCore, killAtCall, runCore, temporaryFolder } from '../../testing';
import { thisProcess, thisWorld } from './process-identity';
import { withFileLock } from './with-file-lock';

const folder = temporaryFolder();
const lock = (): string => join(folder.path, 'locks', 'a.lock');
const DEAD = 4_194_305;
const soon = { timeoutMs: 300 };

const held = (owner: object): void => {
  writeFileSync(lock(), JSON.stringify({ token: 'abc', host: 'here', world: thisWorld(), ...owner }));
};

describe('withFileLock', () => {
  it('gives what the work gives and leaves nothing behind', async () => {
    expect(await withFileLock(lock(), soon, async () => existsSync(lock()))).toBe(true);
    expect(readdirSync(join(folder.path, 'locks'))).toEqual([]);
  });

  it('is free again after a failure', async () => {
    await expect(withFileLock(lock(), soon, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await withFileLock(lock(), soon, async () => 'free')).toBe('free');
  });

  it('lets works of one process in one at a time, and tells who waits for whom, once', async () => {
    const told: string[] = [];
    const order: string[] = [];
    const work = (name: string): Promise<void> =>
      withFileLock(lock(), { timeoutMs: 20_000, onWait: (holder) => told.push(holder) }, async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 150));
        order.push(`${name} out`);
      });
    await Promise.all([work('1'), work('2')]);
    expect(order.map((entry) => entry.slice(2))).toEqual(['in', 'out', 'in', 'out']);
    expect(told).toEqual([`process ${process.pid}`]);
  });

  it('gives up after the timeout and says who holds it', async () => {
    const error = await withFileLock(lock(), soon, () => withFileLock(lock(), soon, async () => undefined).catch((cause: unknown) => cause));
    expect(error).toMatchObject({
      code: 'FILE_LOCKED',
      details: ['expected it to be free within 0.3 s', `actual held by process ${process.pid}`],
      fix: expect.stringContaining(`delete \`${lock()}\``) as string,
    });
  });

  it.each<[string, object, boolean]>([
    ['a process that has ended', { pid: DEAD }, true],
    ['a process whose id another has now', { pid: process.pid, start: '1' }, true],
    ['a running process', thisProcess(), false],
    ['a process of another boot', { pid: DEAD, world: 'another' }, false],
  ])('held by %s', async (_, owner, taken) => {
    await withFileLock(lock(), soon, async () => undefined);
    held(owner);
    const result = await withFileLock(lock(), soon, async () => 'taken').catch((cause: { code: string }) => cause.code);
    expect(result).toBe(taken ? 'taken' : 'FILE_LOCKED');
    expect(existsSync(lock())).toBe(!taken);
  });

  it.each(['', '{', 'null', '{"pid":1}'])('is not taken over when it holds %p', async (text) => {
    await withFileLock(lock(), soon, async () => undefined);
    writeFileSync(lock(), text);
    await expect(withFileLock(lock(), soon, async () => undefined)).rejects.toMatchObject({
      code: 'FILE_LOCKED',
      details: [expect.any(String), 'actual held by an unknown process'],
    });
  });

  it('does not remove the lock of another that took its place', async () => {
    await withFileLock(lock(), soon, async () => held({ pid: process.pid, token: 'another' }));
    expect(existsSync(lock())).toBe(true);
  });

  it('lets processes in one at a time, also when some are killed while they hold it', async () => {
    const core = compileCore(folder.path);
    const counter = join(folder.path, 'counter');
    writeFileSync(counter, '0');
    const add = (rounds: number, lastWords: string): string => `
      const fs = require('node:fs');
      for (let i = 0; i < ${rounds}; i += 1) {
        await core.withFileLock(${JSON.stringify(lock())}, { timeoutMs: 60000 }, async () => {
          const n = Number(fs.readFileSync(${JSON.stringify(counter)}, 'utf8'));
          await new Promise((resolve) => setTimeout(resolve, 1));
          fs.writeFileSync(${JSON.stringify(counter)}, String(n + 1));
          if (i === ${rounds} - 1) { ${lastWords} }
        });
      }`;
    const die = `process.kill(process.pid, 'SIGKILL');`;
    const runs = await Promise.all([runCore(core, add(20, '')), runCore(core, add(5, die)), runCore(core, add(20, '')), runCore(core, add(9, die))]);
    expect(runs.map(({ exitCode, signal }) => signal ?? exitCode)).toEqual([0, 'SIGKILL', 0, 'SIGKILL']);
    expect(readFileSync(counter, 'utf8')).toBe('54');
    await withFileLock(lock(), soon, async () => undefined);
    expect(readdirSync(join(folder.path, 'locks'))).toEqual([]);
  });

  it('is taken over wherever its holder was killed, also while that took it over from another', async () => {
    const run = killAtCall(folder.path, `await core.withFileLock(${JSON.stringify(lock())}, { timeoutMs: 5000 }, async () => undefined)`);
    for (let call = 1, killed = true; killed; call += 1) {
      await withFileLock(lock(), soon, async () => undefined);
      held({ pid: DEAD, token: `dead${call}` });
      killed = run(call, call % 2 === 0 ? 'before' : 'after').killed;
      expect(await withFileLock(lock(), { timeoutMs: 5_000 }, async () => 'taken')).toBe('taken');
      expect(readdirSync(join(folder.path, 'locks'))).toEqual([]);
    }
  });
});
