import type { PublishFile } from '@waybill/publishing';
import { sendingLines } from './sending-lines';

let lines: string[];
let nowMs: number;
let tell: ReturnType<typeof sendingLines>;
beforeEach(() => {
  [lines, nowMs] = [[], 0];
  tell = sendingLines(
    (text) => lines.push(text),
    () => nowMs,
  );
});

const fileOf = (name: string, size: number): PublishFile => ({ name, size }) as PublishFile;
const large = fileOf('app.tar.gz', 200_000_000);

it('tells how far an upload is, every five seconds of it', () => {
  for (let part = 0; part < 20; part += 1) {
    nowMs += 1_000;
    tell('s3', large, (part + 1) * 10_000_000);
  }
  expect(lines).toEqual(['30', '55', '80'].map((share) => `s3: \`app.tar.gz\` ${share} % of 200 MB sent`));
  // sent again from its beginning
  nowMs += 10_000;
  tell('s3', large, 10_000_000);
  nowMs += 5_000;
  tell('s3', large, 20_000_000);
  expect(lines.slice(3)).toEqual(['s3: `app.tar.gz` 10 % of 200 MB sent']);
});

it('tells nothing of what is quick, however late it begins', () => {
  for (const name of ['one', 'two', 'three']) {
    nowMs += 60_000;
    for (const total of [64_000, 100_000]) tell('s3', fileOf(name, 100_000), total);
  }
  expect(lines).toEqual([]);
});

it('tells of each of several destinations, though one asks a thousand times as often', () => {
  for (let step = 1; step <= 11_000; step += 1) {
    nowMs += 1;
    tell('fast', large, step * 1_000);
    if (step % 1_000 === 0) tell('slow', large, step * 100);
  }
  expect(lines.filter((line) => line.startsWith('slow'))).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith('fast'))).toHaveLength(2);
});
