import assert from 'node:assert/strict';
import test from 'node:test';
import { faultOfFields } from './upload-fields.mjs';

const WHEEL = 'word_tally-1.0-py3-none-any.whl';
const SDIST = 'word_tally-1.0.tar.gz';
const FIELDS = { ':action': 'file_upload', protocol_version: '1', metadata_version: '2.4', name: 'word-tally', version: '1.0' };
const of = (file) => ({
  ...FIELDS,
  ...(file.endsWith('.whl') ? { filetype: 'bdist_wheel', pyversion: 'py3' } : { filetype: 'sdist', pyversion: 'source' }),
});
const fault = (file, changes = {}, held = []) => {
  const fields = { ...of(file), ...changes };
  return faultOfFields((name) => fields[name], file, held);
};

test('a good wheel, a good sdist, and the same sdist once more are taken', () => {
  assert.deepEqual([fault(WHEEL), fault(SDIST), fault(SDIST, {}, [WHEEL, SDIST, 'word_tally-0.9.tar.gz'])], [undefined, undefined, undefined]);
});

const ROWS = [
  [WHEEL, { ':action': undefined }, /action/],
  [WHEEL, { protocol_version: undefined }, /protocol/],
  [WHEEL, { metadata_version: '9.9' }, /metadata version/],
  ['word_tally-1.0.rar', {}, /extension/],
  [SDIST, { filetype: 'bdist_wheel' }, /file type/],
  [SDIST, { pyversion: 'py3' }, /'source'/],
  [WHEEL, { pyversion: '' }, /Python version/],
  [WHEEL, { name: 'other' }, /Start filename/],
  [WHEEL, { version: '1.1' }, /should be '1.1' not '1.0'/],
  ['word_tally-1.0+a-py3-none-any.whl', { version: '1.0+a' }, /local versions/],
  ['word_tally-1.0-cp312-cp312-linux_x86_64.whl', {}, /platform tag 'linux_x86_64'/],
];
for (const [file, changes, words] of ROWS)
  test(`${file} with ${JSON.stringify(changes)} is refused`, () => assert.match(fault(file, changes), words));

test('a second sdist of a release is refused', () => assert.match(fault('word.tally-1.0.zip', {}, [SDIST]), /one sdist/));
