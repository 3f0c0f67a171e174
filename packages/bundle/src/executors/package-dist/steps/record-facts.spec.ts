import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackageFacts } from '../package-facts';
import { findRustTarget } from './record-facts';

describe('findRustTarget', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-rust-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const facts = (path: string, content: string, platform = 'linux-x86_64') => {
    const file = join(folder, 'program');
    writeFileSync(file, content);
    return { platform, binary: { path, file } } as unknown as PackageFacts;
  };

  it.each([
    ['the folder of the build', 'a/target/aarch64-unknown-linux-gnu/release/a', '', 'linux-aarch64', 'aarch64-unknown-linux-gnu'],
    ['the folder, without the glibc of zigbuild', 'a/target/x86_64-unknown-linux-gnu.2.17/release/a', '', 'linux-x86_64', 'x86_64-unknown-linux-gnu'],
    ['the mark of rustc', 'a/target/release/a', `${'x'.repeat(1_048_570)}rustc version 1.90.0`, 'linux-x86_64', 'x86_64-unknown-linux-gnu'],
    ['the mark, on musl', 'a/target/release/a', 'rustc version 1.90.0', 'linux-x86_64-musl', 'x86_64-unknown-linux-musl'],
    ['nothing, for C', 'build/a', 'GCC: (Debian)', 'linux-x86_64', undefined],
  ])('tells it by %s', async (_what, path, content, platform, expected) => {
    expect(await findRustTarget(facts(path, content, platform))).toBe(expected);
  });

  it('is nothing for a Python program', async () => {
    expect(await findRustTarget({ platform: 'linux-x86_64' } as PackageFacts)).toBeUndefined();
  });
});
