import { WaybillError } from '@waybill/core';
import type { Destination, TriedOut } from '../destination';
import { publishingErrors } from '../errors/publishing-errors';
import { planLines } from '../plan/render-plan';
import { renderReceiptJson } from '../receipt/receipt';
import { renderReceiptPage } from '../receipt/render-receipt-page';
import { memoryDestination, memoryFile, type MemoryDestination } from '../testing/memory-destination';
import { memoryLedgers, type MemoryLedgers } from '../testing/memory-ledgers';
import type { PublishRequest } from './publish-request';
import { publishRelease, type Published } from './publish-release';
import { takeBackRelease } from './take-back-release';

const FILES = [memoryFile('a.tar.gz', 'aaa'), memoryFile('b.tar.gz', 'bbb'), memoryFile('c.symbols', 'c', 'symbols')];
const RELEASE: PublishRequest['release'] = {
  project: 'app',
  name: 'app',
  version: '1.0',
  channel: 'stable',
  tag: 'v1.0',
  commit: 'c0ffee',
  sourceDateEpoch: 0,
};

const requestFor = (destinations: readonly Destination[], more: Partial<PublishRequest> = {}): PublishRequest => ({
  release: RELEASE,
  destinations,
  skipped: [],
  files: FILES,
  body: '',
  tool: '0.1.0',
  resume: true,
  waitMs: 10_000,
  requestTimeoutMs: 1_000,
  ...more,
});

function run(
  destinations: readonly Destination[],
  ledgers: MemoryLedgers = memoryLedgers(),
  more: Partial<PublishRequest> = {},
  { nowMs } = { nowMs: 0 },
): Promise<Published> {
  const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
  return publishRelease(requestFor(destinations, more), { ledgers, nowMs: () => nowMs, sleep, line: () => undefined });
}

const recordsOf = (ledgers: MemoryLedgers, id: string): { record: string; name?: string; how?: string }[] =>
  ledgers.texts
    .get(id)!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { record: string; name?: string; how?: string });
const unanswered = publishingErrors.error('PUBLISH_UNANSWERED', { id: 'two', action: 'write `latest.json`', said: 'HTTP 502' });

describe('publishRelease', () => {
  it('sends what is missing, keeps a ledger, moves pointers last; again it sends nothing', async () => {
    const [one, two] = [memoryDestination('one'), memoryDestination('two')];
    const ledgers = memoryLedgers();
    const first = await run([one, two], ledgers);
    expect(first).toMatchObject({ outcome: 'success', sent: { one: ['a.tar.gz', 'b.tar.gz'], two: ['a.tar.gz', 'b.tar.gz'] } });
    expect([...one.held.keys()]).toEqual(['a.tar.gz', 'b.tar.gz']);
    expect(one.pointer).toBe('1.0');
    expect(recordsOf(ledgers, 'one').map(({ record, name = '' }) => `${record} ${name}`.trim())).toEqual([
      'header',
      'plan',
      'intent a.tar.gz',
      'done a.tar.gz',
      'intent b.tar.gz',
      'done b.tar.gz',
      'verified a.tar.gz',
      'verified b.tar.gz',
      'finalised',
    ]);
    const again = await run([one, two], ledgers);
    expect(again).toMatchObject({ outcome: 'success', sent: { one: [], two: [] } });
    expect(one.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
    expect(renderReceiptJson(again.receipt)).toBe(renderReceiptJson(first.receipt));
    const afresh = await run([one, two]);
    expect(renderReceiptJson(afresh.receipt)).toBe(renderReceiptJson(first.receipt));
  });

  it('PUBLISH_CONFLICT: other bytes at one destination stop everything before the first byte anywhere', async () => {
    const [one, two] = [memoryDestination('one'), memoryDestination('two')];
    two.held.set('b.tar.gz', Buffer.from('other'));
    const ledgers = memoryLedgers();
    await expect(run([one, two], ledgers)).rejects.toMatchObject({
      code: 'PUBLISH_CONFLICT',
      details: ['`b.tar.gz` at two', `  expected sha256 ${FILES[1]!.sha256}`, expect.stringContaining('actual sha256 ')],
    });
    expect([one.stored, ledgers.texts.size, one.pointer]).toEqual([[], 0, undefined]);
  });

  it('PUBLISH_EXTRA: what is of no one stops everything too', async () => {
    const one = memoryDestination('one');
    one.held.set('stranger.whl', Buffer.from('x'));
    await expect(run([one])).rejects.toMatchObject({ code: 'PUBLISH_EXTRA', details: ['extra `stranger.whl`'] });
    expect(one.stored).toEqual([]);
  });

  it('PUBLISH_PREFLIGHT: all findings of all destinations, before the first byte', async () => {
    const refusing = (id: string): MemoryDestination =>
      memoryDestination(id, { preflight: async () => [{ check: 'credential', level: 'error', message: `${id} knows no such token` }] });
    const good = memoryDestination('good');
    await expect(run([refusing('one'), good, refusing('two')])).rejects.toMatchObject({
      code: 'PUBLISH_PREFLIGHT',
      details: [expect.stringContaining('one knows no such token'), expect.stringContaining('two knows no such token')],
    });
    expect(good.stored).toEqual([]);
  });

  it('PUBLISH_PREFLIGHT: everything that is wrong is told at once, whoever finds it', async () => {
    const wrong = memoryDestination('wrong', { preflight: async () => [{ check: 'credential', level: 'error', message: 'no such secret' }] });
    const deaf = memoryDestination('deaf', {
      onCall: () => {
        throw new WaybillError('NETWORK_FAILED', { message: 'deaf gives no answer', fix: 'later' });
      },
    });
    const [taken, other, good] = [memoryDestination('taken'), memoryDestination('other'), memoryDestination('good')];
    taken.takenBack = true;
    other.held.set('a.tar.gz', Buffer.from('x'));
    other.held.set('stranger', Buffer.from('x'));
    const faults = [new WaybillError('PUBLISH_CREDENTIAL', { message: 'TOKEN is not set', fix: 'set it' })];
    const refused = await run([wrong, deaf, taken, other, good], memoryLedgers(), { faults }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'PUBLISH_PREFLIGHT' });
    const said = (refused as WaybillError).details.join('\n');
    for (const one of ['no such secret', 'TOKEN is not set', 'deaf gives no answer', 'taken back from taken', 'sha256', 'extra `stranger`']) {
      expect(said).toContain(one);
    }
    expect([wrong, deaf, taken, other, good].flatMap(({ stored }) => stored)).toEqual([]);
    await expect(run([good], memoryLedgers(), { faults })).rejects.toMatchObject({ code: 'PUBLISH_CREDENTIAL' });
    expect(good.stored).toEqual([]);
  });

  it('decides an uncertain answer by looking: what arrived is not sent again, what did not is', async () => {
    const lost = { outcome: 'uncertain' as const, reason: '502', retryAfterMs: 7 };
    const one = memoryDestination('one', {
      answer: (name, attempt) => (attempt === 1 ? { keep: name === 'a.tar.gz', outcome: lost } : undefined),
    });
    const ledgers = memoryLedgers();
    const waited: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => void waited.push(milliseconds);
    await publishRelease(requestFor([one]), { ledgers, nowMs: () => 0, sleep, line: () => undefined });
    expect(one.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
    // as long as it was asked to, once a file
    expect(waited).toEqual([7, 7]);
    expect(recordsOf(ledgers, 'one').filter(({ record }) => record === 'done')).toMatchObject([
      { name: 'a.tar.gz', how: 'found' },
      { name: 'b.tar.gz', how: 'stored' },
    ]);
  });

  it('PUBLISH_NOT_STORED: gives up within bounds, says what is there, and is taken up by running it again', async () => {
    let broken = true;
    const answer = (name: string): { keep: boolean; outcome: { outcome: 'uncertain'; reason: string } } | undefined =>
      broken && name === 'b.tar.gz' ? { keep: false, outcome: { outcome: 'uncertain', reason: 'HTTP 503' } } : undefined;
    const one = memoryDestination('one', { answer });
    const ledgers = memoryLedgers();
    await expect(run([one], ledgers)).rejects.toMatchObject({
      code: 'PUBLISH_NOT_STORED',
      details: ['HTTP 503', 'one: 1 of 2 files are there', expect.stringContaining('running it again is safe')],
    });
    expect(recordsOf(ledgers, 'one').filter(({ record }) => record === 'intent')).toHaveLength(1 + 4);
    expect(one.pointer).toBeUndefined();
    broken = false;
    await run([one], ledgers);
    expect(one.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
  });

  it('PUBLISH_VERIFY: a destination that gives other bytes than it was sent gets no pointer', async () => {
    const one = memoryDestination('one');
    one.download = async function* () {
      yield Buffer.from('other');
    };
    await expect(run([one])).rejects.toMatchObject({ code: 'PUBLISH_VERIFY' });
    expect(one.pointer).toBeUndefined();
    const taken = memoryDestination('one', {
      answer: (name) => {
        taken.held.set(name, Buffer.from('somebody else'));
        return { keep: false, outcome: { outcome: 'uncertain', reason: 'HTTP 409' } };
      },
    });
    await expect(run([taken])).rejects.toMatchObject({ code: 'PUBLISH_VERIFY' });
  });

  it('waits for a destination within bounds; running out is pending, and no pointer moves anywhere', async () => {
    const [quick, slow] = [memoryDestination('quick'), memoryDestination('slow', { lateLooks: 3 })];
    expect(await run([slow])).toMatchObject({ outcome: 'success' });
    const never = memoryDestination('never', { lateLooks: 1_000 });
    const pending = await run([quick, never]);
    expect(pending).toMatchObject({ outcome: 'pending', waiting: ['never does not show `a.tar.gz` yet'] });
    expect([quick.pointer, never.pointer]).toEqual([undefined, undefined]);
  });

  it('indexes go one after the other: what one does not show, or refuses, the next never gets', async () => {
    const type = 'index' as const;
    const [staging, open] = [memoryDestination('staging', { type, lateLooks: 1_000 }), memoryDestination('open', { type })];
    const beside = memoryDestination('beside');
    expect(await run([staging, open, beside])).toMatchObject({
      outcome: 'pending',
      sent: { staging: ['a.tar.gz', 'b.tar.gz'], open: [], beside: [] },
      waiting: ['staging does not show `a.tar.gz` yet', 'open waits for staging', 'beside waits for open'],
    });
    const answer = (): never => {
      throw Object.assign(new Error('bad classifier'), { code: 'X' });
    };
    await expect(run([memoryDestination('staging', { type, answer }), open])).rejects.toThrow('bad classifier');
    expect(open.stored).toEqual([]);
    await run([memoryDestination('staging', { type }), open]);
    expect(open.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
  });

  it('where only an upload shows whether a credential is taken, its first file goes before anything goes anywhere else', async () => {
    const type = 'index' as const;
    const beside = memoryDestination('beside');
    const answer = (): never => {
      throw new WaybillError('PUBLISH_INDEX_CREDENTIAL', { message: 'HTTP 403', fix: 'another token' });
    };
    const refused = run([beside, memoryDestination('pypi', { type, answer })]);
    await expect(refused).rejects.toMatchObject({
      code: 'PUBLISH_INDEX_CREDENTIAL',
      details: expect.arrayContaining(['beside: 0 of 2 files are there']),
    });
    expect(beside.stored).toEqual([]);
    const calls: string[] = [];
    const onCall = (what: string): void => void (/upload/.test(what) && calls.push(what));
    const pypi = memoryDestination('pypi', { type, onCall });
    const { plan } = await run([memoryDestination('beside', { onCall }), pypi]);
    expect([calls[0], calls.length]).toEqual(['pypi upload a.tar.gz', 4]);
    const line = 'first pypi: only an upload shows whether its credential may write, so nothing goes anywhere else before it took a file';
    expect(planLines(plan)).toContain(line);
    // nothing to send there: nothing to wait for
    expect(await run([pypi, memoryDestination('more')])).toMatchObject({ outcome: 'success', sent: { pypi: [], more: ['a.tar.gz', 'b.tar.gz'] } });
  });

  it('rights that only writing shows are tried out of sight, all at once, before the first file goes anywhere', async () => {
    const refuse = (message: string) => () => Promise.reject(new WaybillError('PUBLISH_S3_RIGHTS', { message, fix: 'f' }));
    const index = memoryDestination('pypi', { type: 'index' });
    const one = memoryDestination('one', { proveRights: refuse('one may not write') });
    await expect(run([index, one])).rejects.toMatchObject({ code: 'PUBLISH_S3_RIGHTS' });
    const two = memoryDestination('two', { proveRights: refuse('two may not write') });
    await expect(run([index, one, two])).rejects.toMatchObject({
      code: 'PUBLISH_PREFLIGHT',
      details: expect.arrayContaining([expect.stringContaining('one may not write'), expect.stringContaining('two may not write')]),
    });
    expect([index, one, two].flatMap(({ stored }) => stored)).toEqual([]);
    const tries: string[] = [];
    const lost = publishingErrors.error('PUBLISH_UNANSWERED', { id: 'slow', action: 'take a blob', said: 'HTTP 502' });
    const proveRights = (): Promise<readonly string[]> => (tries.push('x') === 1 ? Promise.reject(lost) : Promise.resolve(['fine']));
    const [slow, ledgers] = [memoryDestination('slow', { proveRights }), memoryLedgers()];
    const { outcome, plan } = await run([slow], ledgers);
    expect([outcome, planLines(plan)]).toEqual(['success', expect.arrayContaining([expect.stringMatching(/^before slow: .* out of sight/)])]);
    // everything is there: nothing to send, and nothing to prove
    await run([slow], ledgers);
    await run([slow, memoryDestination('more')], ledgers);
    expect(tries).toHaveLength(2);
  });

  it('PUBLISH_GONE: what was confirmed and is not shown is not sent again: waited for at an index, else for people to decide', async () => {
    const ledgers = memoryLedgers();
    const index = memoryDestination('index', { type: 'index' });
    await run([index], ledgers);
    const lost = memoryDestination('index', { type: 'index' });
    expect(await run([lost], ledgers)).toMatchObject({ outcome: 'pending', waiting: ['index does not show `a.tar.gz` yet'] });
    const more = memoryDestination('more');
    expect(await run([lost, more], ledgers)).toMatchObject({ waiting: ['index does not show `a.tar.gz` yet'] });
    expect(more.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
    const later = { nowMs: 3_600_000 };
    await expect(run([lost], ledgers, {}, later)).rejects.toMatchObject({
      code: 'PUBLISH_GONE',
      details: ['`a.tar.gz`, taken at 1970-01-01T00:00:00.000Z', expect.anything(), expect.stringContaining('ledger')],
      fix: expect.stringMatching(/later.*--resume=false/),
    });
    expect(lost.stored).toEqual([]);
    await run([lost], ledgers, { resume: false }, later);
    expect(lost.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
    await run([memoryDestination('s3')], ledgers);
    await expect(run([memoryDestination('s3')], ledgers)).rejects.toMatchObject({ code: 'PUBLISH_GONE' });
    const folder = (): MemoryDestination => Object.assign(memoryDestination('folder'), { remote: false });
    await run([folder()], ledgers);
    const removed = folder();
    await run([removed], ledgers);
    expect(removed.stored).toEqual(['a.tar.gz', 'b.tar.gz']);
  });

  it('PUBLISH_UNANSWERED: looks again when nobody said whether pointers moved; a failure says what was moved, and the next run moves the rest', async () => {
    const onFinalise = (attempt: number): void => {
      if (attempt < 3) throw unanswered;
    };
    const two = memoryDestination('two', { onFinalise });
    expect(await run([memoryDestination('one'), two])).toMatchObject({ outcome: 'success', lines: ['one: current is 1.0', 'two: current is 1.0'] });
    let broken = true;
    const refusing = memoryDestination('two', {
      onFinalise: () => {
        if (broken) throw new WaybillError('X', { message: 'no', fix: 'f' });
      },
    });
    const all = [memoryDestination('one'), refusing, memoryDestination('three')];
    const ledgers = memoryLedgers();
    await expect(run(all, ledgers)).rejects.toMatchObject({
      code: 'X',
      details: [
        'one: current is 1.0',
        'two: all files are there, not made current',
        'three: not made current yet',
        expect.stringContaining('again is safe'),
      ],
    });
    broken = false;
    await run(all, ledgers);
    expect(all.map(({ pointer, stored }) => [pointer, stored.length])).toEqual([
      ['1.0', 2],
      ['1.0', 2],
      ['1.0', 2],
    ]);
    await expect(
      run([
        memoryDestination('one', {
          onFinalise: () => {
            throw unanswered;
          },
        }),
      ]),
    ).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED' });
  });

  it('looks again when everything is public: what is not shown then is waited for', async () => {
    const one = memoryDestination('one', { onFinalise: () => void one.held.delete('b.tar.gz') });
    expect(await run([one])).toMatchObject({ outcome: 'pending', lines: ['one: current is 1.0'], waiting: ['one does not show `b.tar.gz` yet'] });
    const held = memoryDestination('held', { heldBack: async () => 'somebody has to see to the draft' });
    expect(await run([held])).toMatchObject({ outcome: 'pending', waiting: ['held: somebody has to see to the draft'] });
    let silent = 1;
    const heldBack = async (): Promise<undefined> => {
      if (silent-- > 0) throw unanswered;
    };
    const [quiet, next] = [memoryDestination('quiet', { heldBack }), memoryDestination('next')];
    expect(await run([quiet, next])).toMatchObject({ outcome: 'success' });
    silent = 4;
    const details = [
      'quiet: current is 1.0',
      'quiet: not looked at after that',
      'next: not made current yet',
      expect.stringContaining('again is safe'),
    ];
    await expect(run([quiet, next])).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED', details });
    const odd = memoryDestination('one', { onFinalise: () => void odd.held.set('stranger', Buffer.from('x')) });
    await expect(run([odd])).rejects.toMatchObject({ code: 'PUBLISH_EXTRA' });
  });

  it('what does not work for its users, or is not offered to them yet, goes to no further index; what works is tried once', async () => {
    const type = 'index' as const;
    const tried: string[] = [];
    const answers = (...outcomes: readonly TriedOut['outcome'][]): NonNullable<Destination['tryOut']> => {
      const left = [...outcomes];
      return async () => ({ outcome: left.length > 1 ? left.shift()! : left[0]!, line: `tried ${tried.push('x')}` });
    };
    const ledgers = memoryLedgers();
    const [staging, open] = [
      memoryDestination('staging', { type, tryOut: answers('waiting', 'waiting', 'works') }),
      memoryDestination('open', { type }),
    ];
    expect((await run([staging, open], ledgers)).outcome).toBe('success');
    await run([staging, open], ledgers);
    expect([tried.length, recordsOf(ledgers, 'staging').filter(({ record }) => record === 'tried-out').length]).toEqual([3, 1]);
    const [late, next] = [memoryDestination('late', { type, tryOut: answers('waiting') }), memoryDestination('next', { type })];
    expect(await run([late, next])).toMatchObject({ outcome: 'pending', waiting: [expect.stringMatching(/^tried/), 'next waits for late'] });
    const broken = memoryDestination('broken', { type, tryOut: () => Promise.reject(new Error('no such module')) });
    await expect(run([broken, next])).rejects.toThrow('no such module');
    expect(next.stored).toEqual([]);
  });

  it('PUBLISH_LEDGER_OTHER: a ledger of other files is refused, and set aside only when asked', async () => {
    const ledgers = memoryLedgers();
    await run([memoryDestination('one')], ledgers);
    const other = { files: [memoryFile('a.tar.gz', 'other')] };
    const fresh = memoryDestination('one');
    await expect(run([fresh], ledgers, other)).rejects.toMatchObject({ code: 'PUBLISH_LEDGER_OTHER' });
    expect(fresh.stored).toEqual([]);
    await run([fresh], ledgers, { ...other, resume: false });
    expect(fresh.stored).toEqual(['a.tar.gz']);
    expect(ledgers.texts.has('one.old')).toBe(true);
  });

  it('sets the ledger of other files aside where nobody else looks', async () => {
    const ledgers = memoryLedgers();
    const local = (): MemoryDestination => Object.assign(memoryDestination('one'), { remote: false });
    await run([local()], ledgers);
    const fresh = local();
    await run([fresh], ledgers, { files: [memoryFile('a.tar.gz', 'other')] });
    expect([fresh.stored, ledgers.texts.has('one.old')]).toEqual([['a.tar.gz'], true]);
  });

  it('PUBLISH_TAKEN_BACK: what was taken back is not published again, ledger kept or set aside', async () => {
    const ledgers = memoryLedgers();
    const one = memoryDestination('one');
    await run([one], ledgers);
    const taken = await takeBackRelease({ release: RELEASE, destinations: [one], tool: '0.1.0' }, { ledgers, nowMs: () => 0 });
    expect(taken).toEqual([{ id: 'one', taken: { outcome: 'done', lines: ['removed'] }, known: false }]);
    for (const resume of [true, false]) await expect(run([one], ledgers, { resume })).rejects.toMatchObject({ code: 'PUBLISH_TAKEN_BACK' });
    const unknown = memoryLedgers();
    await takeBackRelease({ release: RELEASE, destinations: [one], tool: '0.1.0' }, { ledgers: unknown, nowMs: () => 0 });
    await expect(run([one], unknown)).rejects.toMatchObject({ code: 'PUBLISH_TAKEN_BACK' });
  });

  it('PUBLISH_TAKEN_BACK: a machine without the ledger learns it from the destination, before the first byte anywhere', async () => {
    const [one, two] = [memoryDestination('one'), memoryDestination('two')];
    await run([one]);
    await takeBackRelease({ release: RELEASE, destinations: [one], tool: '0.1.0' }, { ledgers: memoryLedgers(), nowMs: () => 0 });
    await expect(run([two, one])).rejects.toMatchObject({ code: 'PUBLISH_TAKEN_BACK', details: ['a mark'] });
    expect([two.stored, one.stored]).toEqual([[], ['a.tar.gz', 'b.tar.gz']]);
    const again = await takeBackRelease({ release: RELEASE, destinations: [one], tool: '0.1.0' }, { ledgers: memoryLedgers(), nowMs: () => 0 });
    expect(again).toMatchObject([{ known: true }]);
  });

  it('a take-back that breaks off says what was done until then, and where nothing was', async () => {
    const refuse = (): never => {
      throw new WaybillError('PUBLISH_S3_RIGHTS', { message: 'no right to delete', fix: 'f', details: ['AccessDenied'] });
    };
    const all = [memoryDestination('one'), memoryDestination('two', { takeBack: refuse }), memoryDestination('three')];
    await run(all);
    const ledgers = memoryLedgers();
    await expect(takeBackRelease({ release: RELEASE, destinations: all, tool: '0.1.0' }, { ledgers, nowMs: () => 0 })).rejects.toMatchObject({
      code: 'PUBLISH_S3_RIGHTS',
      details: [
        ...['AccessDenied', 'one: done', '  removed', 'two: broken off, may be taken back in part', 'three: not taken back yet'],
        expect.stringContaining('running it again is safe'),
      ],
    });
    expect([...ledgers.texts.keys()]).toEqual(['one']);
  });

  it('shows plan and receipt', async () => {
    const { plan, receipt } = await run([memoryDestination('one')], memoryLedgers(), { skipped: [{ id: 'two', reason: 'no release tag' }] });
    expect(planLines(plan)).toEqual([
      'to one: memory one, 2 files',
      'file      bytes  sha256        destination  state',
      `a.tar.gz  3      ${FILES[0]!.sha256.slice(0, 12)}  one          absent`,
      `b.tar.gz  3      ${FILES[1]!.sha256.slice(0, 12)}  one          absent`,
      'not to one: `c.symbols` (symbols stay here)',
      'skipped two: no release tag',
    ]);
    const page = renderReceiptPage(receipt);
    for (const text of [
      '# app 1.0',
      'tag v1.0, commit c0ffee',
      '| `a.tar.gz` | 3 |',
      'get 1.0',
      `echo '${FILES[0]!.sha256}  a.tar.gz' | sha256sum --check`,
      'remove 1.0',
      '- two: no release tag',
    ]) {
      expect(page).toContain(text);
    }
    const files = [...FILES, memoryFile('checks.txt', 'sums', 'checksums'), memoryFile('old-SHA256SUMS', 'x', 'checksums')];
    const summed = await run([memoryDestination('one')], memoryLedgers(), { files, sums: 'checks.txt' });
    expect(summed.receipt.destinations[0]!.verify).toEqual(['sha256sum --check --ignore-missing checks.txt']);
  });
});

class Killed extends Error {}

describe('a run that is killed', () => {
  /** Counts ledger lines, looks, uploads and answers; dies at the one asked for. */
  const killer = (at: number): { hit(): void; reached(): boolean } => {
    let calls = 0;
    return {
      hit: () => {
        calls += 1;
        if (calls === at) throw new Killed('kill -9');
      },
      reached: () => calls >= at,
    };
  };

  it.each(['with its ledger', 'without a ledger'])('ends the same after any step %s, and no file is confirmed twice', async (how) => {
    const whole = await run([memoryDestination('one')]);
    for (let at = 1; ; at += 1) {
      const kill = killer(at);
      const one = memoryDestination('one', { onCall: kill.hit });
      const ledgers = memoryLedgers(kill.hit);
      const died = await run([one], ledgers).then(
        () => false,
        (cause: unknown) => {
          if (cause instanceof Killed) return true;
          throw cause;
        },
      );
      if (!kill.reached()) break;
      expect(died).toBe(true);
      const second = how === 'with its ledger' ? memoryLedgers() : undefined;
      for (const [id, text] of ledgers.texts) second?.texts.set(id, `${text}{"record":"don`);
      const end = await run([one], second);
      expect(renderReceiptJson(end.receipt)).toBe(renderReceiptJson(whole.receipt));
      expect([[...one.held.keys()], one.stored, one.pointer]).toEqual([['a.tar.gz', 'b.tar.gz'], ['a.tar.gz', 'b.tar.gz'], '1.0']);
      const done = second && recordsOf(second, 'one').filter(({ record }) => record === 'done');
      expect(done?.map(({ name }) => name) ?? ['a.tar.gz', 'b.tar.gz']).toEqual(['a.tar.gz', 'b.tar.gz']);
      expect(at).toBeLessThan(50);
    }
  });
});
