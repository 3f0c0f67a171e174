import { canFetchFixtures, fetchFixture, filesOf, SIGNED_BY_CODESIGN, SIGNED_BY_RCODESIGN } from '@waybill/binary/testing';
import { skipUnless } from '@waybill/core/testing';
import { codeDirectoryOf, readCodeFile } from '../../macho/read-code-file';
import { judgeCode } from './judge-code';

const test = skipUnless(canFetchFixtures(), 'npm or python3 is not installed');
const NOTARIZED = [
  ['codesign', SIGNED_BY_CODESIGN, 'ngrok', ['c06d0b06676e52f6797f978db32ed2867b033c87']],
  ['rcodesign', SIGNED_BY_RCODESIGN, 'sentry-cli', [expect.any(String), expect.any(String)]],
] as const;

for (const [tool, fixture, name, cdhashes] of NOTARIZED) {
  test(`finds nothing in a file that Apple has notarized, signed by ${tool}`, async () => {
    const code = readCodeFile(filesOf(fetchFixture(fixture), (file) => file === name)[0]!, Date.now());
    if (code?.kind !== 'macho') throw new Error(`${name} is no Mach-O file`);
    expect(judgeCode(name, code, { appleRoot: true, teams: [] })).toEqual([]);
    const signatures = code.slices.map(({ signature }) => signature);
    expect(signatures.map((one) => one.state === 'read' && codeDirectoryOf(one.verification).cdhash)).toEqual(cdhashes);
  });
}
