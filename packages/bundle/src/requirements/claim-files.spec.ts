import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecordText } from '@waybill/distributions';
import { claimFiles } from './claim-files';
import { rewriteRecords } from './rewrite-records';

describe('claimFiles', () => {
  let vendor: string;
  beforeEach(() => {
    vendor = mkdtempSync(join(tmpdir(), 'waybill-claim-'));
    mkdirSync(join(vendor, 'studio/__pycache__'), { recursive: true });
    writeFileSync(join(vendor, 'studio/app.py'), 'x = 1\n');
    writeFileSync(join(vendor, 'studio/__pycache__/app.cpython-311.pyc'), 'code');
  });
  afterEach(() => rmSync(vendor, { recursive: true, force: true }));

  const claim = () => claimFiles({ vendor, name: 'My.Studio', version: '1.0', files: ['studio/app.py'] });

  it('gives files without a wheel a RECORD, which is then kept true', async () => {
    await claim();
    await rewriteRecords(vendor);
    const lines = parseRecordText(readFileSync(join(vendor, 'my_studio-1.0.dist-info/RECORD'), 'utf8'));
    expect(lines.map(({ path, hash }) => [path, hash === undefined])).toEqual([
      ['my_studio-1.0.dist-info/INSTALLER', false],
      ['my_studio-1.0.dist-info/METADATA', false],
      ['my_studio-1.0.dist-info/RECORD', true],
      ['studio/__pycache__/app.cpython-311.pyc', false],
      ['studio/app.py', false],
    ]);
    expect(readFileSync(join(vendor, 'my_studio-1.0.dist-info/METADATA'), 'utf8')).toBe('Metadata-Version: 2.1\nName: My.Studio\nVersion: 1.0\n');
  });

  it('takes another name when a wheel has the application’s', async () => {
    mkdirSync(join(vendor, 'my_studio-0.9.dist-info'));
    await claim();
    expect(readdirSync(vendor)).toContain('my_studio_application-1.0.dist-info');
  });

  it('writes nothing when there is nothing to claim', async () => {
    await claimFiles({ vendor, name: 'a', version: '1', files: [] });
    expect(readdirSync(vendor)).toEqual(['studio']);
  });
});
