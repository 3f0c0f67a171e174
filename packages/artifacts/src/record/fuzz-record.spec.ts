import { seededNumbers } from '@waybill/core/testing';
import { makeRecord, renderRecord } from './render-record';
import { parseRecord } from './parse-record';

/** Long runs only when asked for. */
const MUTATIONS = process.env['WAYBILL_TEST_FULL'] === '1' ? 100_000 : 5_000;

const sha = 'ab'.repeat(32);
const good = renderRecord(
  makeRecord({
    project: 'pychat',
    target: 'package-linux',
    stage: 'package',
    version: '0.3.0',
    sourceDateEpoch: 1_580_601_600,
    artifacts: ['a.tar.gz', 'b.whl'].map((name) => ({
      name,
      path: `x/${name}`,
      kind: 'wheel' as const,
      platform: 'linux-x86_64',
      ships: true,
      size: 5,
      sha256: sha,
      madeFrom: [`sha256:${sha}`],
    })),
    facts: { python: '3.11', list: [1, 2.5, null, true, { deep: 'ü' }] },
  }),
);

const PIECES = [
  '../',
  '/',
  '\\\\',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  'true',
  '-1',
  '1e999',
  '9007199254740993',
  '"../x"',
  '"/etc/passwd"',
  '\u0000',
  '\\ud800',
  '"__proto__"',
  '"schema"',
  '{}',
  '[]',
  ' ',
  '\n',
  'é',
  '\u{1F600}',
];

/** One to four cuts, repeats, swaps or insertions; now and then of a whole line. */
function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const start = random(mutated.length + 1);
    const end = Math.min(mutated.length, start + random(24));
    const lines = mutated.split('\n');
    const line = lines[random(lines.length)]!;
    const changes = [
      () => mutated.slice(0, start) + mutated.slice(end),
      () => mutated.slice(0, start) + mutated.slice(start, end).repeat(2) + mutated.slice(end),
      () => mutated.slice(0, start) + PIECES[random(PIECES.length)]! + mutated.slice(start),
      () => mutated.slice(0, start) + PIECES[random(PIECES.length)]! + mutated.slice(end),
      () => mutated.slice(0, start) + String.fromCharCode(random(0x10000)) + mutated.slice(start + 1),
      () => mutated.replace(line, PIECES[random(PIECES.length)]!),
      () => mutated.replace('"x/', `"${PIECES[random(3)]!}`),
      () => mutated.replace(/\d+/, String(random(2 ** 31))),
    ];
    mutated = changes[random(changes.length)]!();
  }
  return mutated;
}

describe('parseRecord on hostile bytes', () => {
  it(`gives a typed error or a record that is stable, ${MUTATIONS} times`, () => {
    const random = seededNumbers(20_261_121);
    const seen = new Map<string, number>();
    for (let index = 0; index < MUTATIONS; index += 1) {
      const text = mutate(good, random);
      const outcome = outcomeOf(text);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    expect([...seen.keys()].filter((outcome) => !/^(record|RECORD_[A-Z_]+)$/.test(outcome))).toEqual([]);
    // The mutations reach both sides of every door, or they prove nothing.
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['RECORD_FIELD', 'RECORD_PATH', 'RECORD_SCHEMA', 'RECORD_SYNTAX', 'record']));
  });
});

function outcomeOf(text: string): string {
  try {
    const record = parseRecord(text);
    const rendered = renderRecord(record);
    return renderRecord(parseRecord(rendered)) === rendered ? 'record' : `unstable: ${text}`;
  } catch (error) {
    const { name, code } = error as { name: string; code: string };
    return name === 'WaybillError' ? code : `${String(error)}: ${text}`;
  }
}
