import { SIGNATURE_FORMATS, formatIdOfName } from './detached-signature';
import { detachedSignatureFormats, formatOfName } from './formats';

describe('formats of signatures', () => {
  it.each([
    ['app-1.4.0.tar.gz.minisig', 'minisign'],
    ['app-1.4.0-SHA256SUMS.sig', 'ssh'],
    ['app-1.4.0.tar.gz.asc', 'gpg'],
    ['app-1.4.0.tar.gz.sigstore.json', 'sigstore'],
    ['release.json', undefined],
    ['app-1.4.0.tar.gz', undefined],
    ['.asc', undefined],
  ])('%s is of %s', (name, id) => {
    expect(formatIdOfName(name)).toBe(id);
    expect(formatOfName(name)?.id).toBe(id);
  });

  it('are each under their own name', () => {
    for (const id of SIGNATURE_FORMATS) expect(detachedSignatureFormats[id].id).toBe(id);
  });
});
