import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsOfCatalog } from '../testing';
import { archiveErrors } from '../errors/archive-errors';
import { archiveFormatOf, archiveWriterVersion } from './archive-format';

const { dependencies } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { dependencies: Record<string, string> };

describe('archiveFormatOf', () => {
  it.each([
    ['a.tar', 'tar'],
    ['a.tar.gz', 'tar.gz'],
    ['a-1.0.tgz', 'tar.gz'],
    ['a.tar.zst', 'tar.zst'],
    ['A.ZIP', 'zip'],
    ['a-1.0-py3-none-any.whl', 'zip'],
    ['a.jar', 'zip'],
    ['a.tar.xz', undefined],
    ['a.gz', undefined],
    ['tar', undefined],
  ])('%s is %s', (name, format) => {
    expect(archiveFormatOf(name)).toBe(format);
  });
});

describe('archiveWriterVersion', () => {
  it('names the libraries that make the bytes as they are pinned', () => {
    expect(archiveWriterVersion('tar.zst')).toContain(`node-zstd-${dependencies['@toondepauw/node-zstd']},`);
    for (const format of ['tar.gz', 'zip'] as const) expect(archiveWriterVersion(format)).toContain(`pako-${dependencies['pako']},`);
  });

  it('is another for every format', () => {
    expect(new Set((['tar', 'tar.gz', 'tar.zst', 'zip'] as const).map(archiveWriterVersion)).size).toBe(4);
  });
});

describe('the catalog of archive errors', () => {
  it('has a sentence, a fix and a spec for every code', () => {
    expect(problemsOfCatalog(archiveErrors, join(__dirname, '..'))).toEqual([]);
  });
});
