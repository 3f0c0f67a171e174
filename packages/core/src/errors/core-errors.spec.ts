import { join } from 'node:path';
import { problemsOfCatalog, temporaryFolder } from '../testing';
import { mkdirSync, writeFileSync } from 'node:fs';
import { archiveErrors } from './archive-errors';
import { coreErrors } from './core-errors';
import { defineCatalog, WaybillError } from './waybill-error';

describe('the catalogs of core', () => {
  it.each([
    ['coreErrors', coreErrors],
    ['archiveErrors', archiveErrors],
  ])('%s is whole', (_, catalog) => {
    expect(problemsOfCatalog(catalog, join(__dirname, '..'))).toEqual([]);
  });

  it('have no code twice', () => {
    const codes = [coreErrors, archiveErrors].flatMap(({ entries }) => Object.keys(entries));
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('problemsOfCatalog', () => {
  const folder = temporaryFolder();
  const good = { message: 'One sentence', fix: '`do this`' };
  const problemsOf = (code: string, text: object): string[] => {
    mkdirSync(join(folder.path, 'deep'));
    writeFileSync(join(folder.path, 'deep', 'a.spec.ts'), "expect(x).toMatchObject({ code: 'FILE_GOOD' }); // NO_AREA 'FILE'");
    writeFileSync(join(folder.path, 'source.ts'), "'FILE_UNRAISED'");
    return problemsOfCatalog(defineCatalog({ [code]: () => ({ ...good, ...text }) }), folder.path);
  };

  it.each<[string, string, object, string[]]>([
    ['nothing', 'FILE_GOOD', { details: ['expected 1', 'actual 2'] }, []],
    ['no spec', 'FILE_UNRAISED', {}, ['FILE_UNRAISED: no spec raises it']],
    ['an unknown area', 'PLACE_GOOD', {}, ['PLACE_GOOD: is not AREA_WHAT with a known area', 'PLACE_GOOD: no spec raises it']],
    ['an area alone', 'FILE', {}, ['FILE: is not AREA_WHAT with a known area']],
    ['no fix', 'FILE_GOOD', { fix: ' ' }, ['FILE_GOOD: has no fix']],
    ['no message', 'FILE_GOOD', { message: '' }, ['FILE_GOOD: has no message']],
    ['a full stop', 'FILE_GOOD', { message: 'One.' }, ['FILE_GOOD: its message ends with a full stop']],
    ['a full stop in the fix', 'FILE_GOOD', { fix: 'Do!' }, ['FILE_GOOD: its fix ends with a full stop']],
    ['two lines', 'FILE_GOOD', { message: 'a\nb' }, ['FILE_GOOD: its message has more than one line']],
    ['details that are no text', 'FILE_GOOD', { details: [undefined] }, ['FILE_GOOD: has details that are not text']],
  ])('finds %s', (_, code, text, problems) => {
    expect(problemsOf(code, text)).toEqual(problems);
  });

  it('gives every text arguments that it can work with', () => {
    const catalog = defineCatalog({
      FILE_GOOD: (a: { list: string[]; text: string; count: number; deep: { name: string } }) => ({
        message: `${a.list.map((item) => `\`${item}\``).join(', ')} ${a.text.slice(1)} ${a.count.toFixed(1)} ${a.deep.name} ${[...a.list].length} ${a.text === '' ? 1 : 2} ${Math.round(a.count)}`,
        fix: a.list.filter(Boolean).join(),
      }),
    });
    writeFileSync(join(folder.path, 'a.spec.ts'), "'FILE_GOOD'");
    expect(problemsOfCatalog(catalog, folder.path)).toEqual([]);
  });
});

describe('WaybillError', () => {
  it('carries code, fix, details and cause', () => {
    const cause = new Error('why');
    const error = coreErrors.error('FILE_MISSING', { path: 'x', action: 'read' }, { cause });
    expect(error).toBeInstanceOf(WaybillError);
    expect(error).toMatchObject({ name: 'WaybillError', code: 'FILE_MISSING', message: 'There is no `x` to read', details: [], cause });
  });
});
