import { stageRow } from '@waybill/artifacts';
import { graphOf } from '../testing/graph-of';
import { checkHost } from './check-host';

const LINUX = { platform: 'linux', arch: 'x64' };
const MAC = { platform: 'darwin', arch: 'arm64' };

function check(target: string, machine: { platform: string; arch: string }, options: object = {}, stage = 'package'): void {
  const projectGraph = graphOf({ app: { [target]: [], 'prepare-macos': [target], release: [target] } });
  checkHost({ root: '/', projectGraph }, { project: 'app', target }, stageRow(stage), options, machine);
}

const refusal = (...details: string[]): Error => expect.objectContaining({ code: 'GRAPH_HOST', details }) as Error;

it('GRAPH_HOST: refuses what would make something for another machine than its name says, and tells what to run where', () => {
  expect(() => check('package-macos', LINUX)).toThrow(refusal('expected macOS', 'actual linux-x86_64'));
  expect(() => check('package-macos', LINUX)).toThrow(
    expect.objectContaining({
      fix: expect.stringMatching(/^run `npx nx run app:prepare-macos` on macOS, .*`npx nx run-many -t checksum,sign-checksums,publish -p app --ex/),
    }),
  );
  expect(() => check('package-windows', LINUX)).toThrow(
    expect.objectContaining({ fix: expect.stringContaining('`npx nx run app:package-windows`') }),
  );
  expect(() => check('package-linux', MAC)).toThrow(refusal('expected Linux', 'actual macos-aarch64'));
  expect(() => check('package-linux-aarch64', LINUX)).toThrow(refusal('expected Linux on aarch64', 'actual linux-x86_64'));
  expect(() => check('prepare-runtime-macos', LINUX, {}, 'prepare-runtime')).toThrow(refusal('expected macOS', 'actual linux-x86_64'));
});

it('names the end of the chain of one architecture, because `prepare-linux` runs those of all', () => {
  const targets = { 'package-linux-aarch64': [], 'smoke-linux-aarch64': [], 'sign-linux-aarch64': [], 'prepare-linux': [] };
  const projectGraph = graphOf({ app: targets });
  const run = (): void => checkHost({ root: '/', projectGraph }, { project: 'app', target: 'package-linux-aarch64' }, stageRow('package'), {}, LINUX);
  expect(run).toThrow(expect.objectContaining({ fix: expect.stringContaining('run `npx nx run app:sign-linux-aarch64` on Linux on aarch64') }));
});

it('lets be what fits, what says its platform, what is called otherwise, and stages that need no machine of a kind', () => {
  for (const target of ['package-linux', 'package-linux-x86_64', 'package-linux-debug', 'package', 'pack-macos']) check(target, LINUX);
  check('package-macos-universal2', MAC);
  check('package-linux-aarch64', LINUX, { platform: 'linux-aarch64' });
  check('sign-windows', LINUX, {}, 'sign');
  check('notarize-macos', LINUX, {}, 'notarize');
  check('smoke-windows', LINUX, {}, 'smoke');
  check('package-plan9', { platform: 'plan9', arch: 'mips' });
});
