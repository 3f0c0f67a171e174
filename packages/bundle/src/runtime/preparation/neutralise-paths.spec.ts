import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { neutraliseFile, neutraliseFiles, replacementsFor, sameLengthReplacement } from './neutralise-paths';

const folder = temporaryFolder();

describe('sameLengthReplacement', () => {
  it.each(['/home/me/.pyenv/versions/3.11.7', '/a/b', '/opt/python/3.12', '/x/3.11.7'])('keeps length and last component of %s', (path) => {
    const replacement = sameLengthReplacement(path) ?? '';
    expect(replacement).toHaveLength(path.length);
    expect(replacement.slice(replacement.lastIndexOf('/'))).toBe(path.slice(path.lastIndexOf('/')));
    expect(replacement.slice(0, replacement.lastIndexOf('/'))).not.toBe(path.slice(0, path.lastIndexOf('/')));
  });

  it('has none for a path of one component', () => expect(sameLengthReplacement('/install')).toBeUndefined());
});

describe('neutraliseFile', () => {
  const write = (name: string, content: string | Buffer): string => {
    const file = join(folder.path, name);
    writeFileSync(file, content);
    return file;
  };

  it('keeps a version that shares the tail of the prefix (T41)', () => {
    const file = write('tail', 'x\0/home/me/versions/3.11.7\0/home/me/versions/3.11.7/lib\0');
    expect(neutraliseFile(file, replacementsFor(['/home/me/versions/3.11.7']))).toBe(2);
    const text = readFileSync(file, 'latin1');
    expect(text).not.toContain('/home/me');
    expect(text).toMatch(/\/3\.11\.7\0.*\/3\.11\.7\/lib\0$/s);
    expect(text).toHaveLength(56);
  });

  it('replaces the longer path first', () => {
    const file = write('nested', '/w/build/python-3 /w/build ');
    neutraliseFile(file, replacementsFor(['/w/build', '/w/build/python-3']));
    expect(readFileSync(file, 'latin1')).toBe('/_______/python-3 /_/build ');
  });

  it('finds a path across the border of two pieces', () => {
    const path = '/home/somebody/python';
    const bytes = Buffer.alloc(9 * 1024 * 1024, 0x20);
    for (const at of [4 * 1024 * 1024 - 7, 8 * 1024 * 1024 - 1]) bytes.write(path, at);
    const file = write('large', bytes);
    neutraliseFile(file, replacementsFor([path]));
    const result = readFileSync(file);
    expect(result.includes(path)).toBe(false);
    expect(result.length).toBe(bytes.length);
    expect(result.indexOf('/nonexistent__/python')).toBe(4 * 1024 * 1024 - 7);
  });

  it('names the files that changed', () => {
    write('dirty', '/home/me/x');
    write('clean', '/usr/lib');
    expect(neutraliseFiles(folder.path, ['dirty', 'clean'], replacementsFor(['/home/me']))).toEqual([{ path: 'dirty', places: 1 }]);
    expect(neutraliseFiles(folder.path, ['dirty'], [])).toEqual([]);
  });
});
