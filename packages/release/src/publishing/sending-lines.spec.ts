import type { PublishFile } from '@waybill/publishing';
import { sendingLines } from './sending-lines';

it('tells how far an upload is, at most every five seconds, and nothing of what is quick', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const tell = sendingLines(
    (text) => lines.push(text),
    () => nowMs,
  );
  const file = { name: 'app.tar.gz', size: 200_000_000 } as PublishFile;
  for (let part = 0; part < 20; part += 1) {
    nowMs += 1_000;
    tell('s3', file, (part + 1) * 10_000_000);
  }
  expect(lines).toEqual(['25', '50', '75'].map((share) => `s3: \`app.tar.gz\` ${share} % of 200 MB sent`));
  // sent again from its beginning
  nowMs += 10_000;
  tell('s3', file, 10_000_000);
  expect(lines.at(-1)).toBe('s3: `app.tar.gz` 5 % of 200 MB sent');
});
