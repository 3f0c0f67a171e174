import { parseContentType } from './checks/metadata/check-description';
import { checkWheel } from './checks/check-wheel';
import { readLicenceExpression } from './metadata/licence-expression';
import { parseCoreMetadata } from './metadata/parse-core-metadata';
import { parseEntryPoints } from './metadata/parse-entry-points';
import { parseWheelFile } from './metadata/parse-wheel-file';
import { markerFault, readRequirement, specifierFault } from './metadata/requirement-syntax';
import { parseSdistName } from './names/sdist-name';
import { parseWheelName } from './names/wheel-name';
import { readRecord } from './record/read-record';
import { parseRequirements } from './requirements/parse-requirements';
import { METADATA, wheelFacts } from './testing/good-distributions';

const SEEDS = [
  METADATA,
  'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\n',
  'demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"a,b",,\ndemo-1.0.dist-info/RECORD,,\n',
  '[console_scripts]\na = b:c [x]\n',
  'demo-1.0-2-cp39.cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  'demo-1.0.tar.gz',
  'a[b]>=1,<2; python_version < "3.9" and (extra == "x" or os_name != \'nt\')',
  '(MIT OR Apache-2.0) AND GPL-3.0-or-later WITH Classpath-exception-2.0',
  'text/markdown; charset="UTF-8"; variant=GFM',
];
const PARTS = [
  '',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  "'",
  '(',
  ')',
  '[',
  ']',
  '=',
  '@',
  '-',
  '.',
  '..',
  '/',
  '\\',
  '\ufeff',
  '\ufffd',
  '\ud800',
  '💥',
  '999999999999999999999',
  '!',
];

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  metadata: parseCoreMetadata,
  wheel: parseWheelFile,
  'entry points': parseEntryPoints,
  RECORD: readRecord,
  'wheel name': parseWheelName,
  'sdist name': parseSdistName,
  requirement: readRequirement,
  marker: markerFault,
  specifier: specifierFault,
  licence: readLicenceExpression,
  'content type': parseContentType,
  'a whole wheel': (text) =>
    checkWheel(
      wheelFacts({
        fileName: text.slice(0, 200),
        metadata: text,
        wheel: text,
        facts: {
          record: readRecord(text).rows.map(({ path, hash }) => ({ path, hash })),
          entryPoints: parseEntryPoints(text).entryPoints,
          distInfos: [text],
        },
      }),
    ),
};

function mutations(count: number): string[] {
  let state = 20261126;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  return Array.from({ length: count }, () => {
    let text = SEEDS[next(SEEDS.length)]!;
    for (let change = next(5); change >= 0; change -= 1) {
      const [from, length] = [next(text.length + 1), next(12)];
      text = `${text.slice(0, from)}${PARTS[next(PARTS.length)]!.repeat(1 + next(3))}${text.slice(from + length)}`;
    }
    return text;
  });
}

const TEXTS = mutations(3000);

it.each(Object.keys(PARSERS))('%s: any text has an answer', (name) => {
  expect(() => TEXTS.forEach((text) => PARSERS[name]!(text))).not.toThrow();
});

it('a megabyte of white space between two words has an answer within the time of a test', () => {
  const space = ' '.repeat(1_000_000);
  parseEntryPoints(`[console_scripts]\na${space}b\n`);
  parseCoreMetadata(`Summary: x${space}y\n\n`);
  parseWheelFile(`Generator: x${space}y\n`);
  readRequirement(`foo >=${space}x y`);
  readRequirement(`foo${space}@`);
  for (const line of [`foo${space}x#`, `foo==1${space}\\ x`, `foo==${space}x`, `foo${space}x;`])
    expect(() => parseRequirements('r.txt', () => `${line}\n`)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^WHEEL_/) }));
});

it.each(Object.keys(PARSERS).filter((name) => name !== 'a whole wheel'))('%s: long texts take no long time', (name) => {
  const started = performance.now();
  for (const part of ['(', ')', '"', 'a', ' ', ',', 'a,', '[', 'a and ', ' \n', 'a:b\n', '- ', '-a', '.', '0']) PARSERS[name]!(part.repeat(50_000));
  expect(performance.now() - started).toBeLessThan(3000);
});
