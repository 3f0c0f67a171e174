import { parseRecordText, recordHash, renderRecordText } from './record-text';

describe('RECORD', () => {
  it('reads quotes, missing hashes and both line ends', () => {
    const text = 'a.py,sha256=abc,3\r\n"with,comma ""q"".py",sha256=def,4\nx-1.dist-info/RECORD,,\n\n';
    expect(parseRecordText(text)).toEqual([
      { path: 'a.py', hash: 'sha256=abc', size: 3 },
      { path: 'with,comma "q".py', hash: 'sha256=def', size: 4 },
      { path: 'x-1.dist-info/RECORD' },
    ]);
  });

  it.each(['', '\n', ',,', '"unclosed', 'a'])('never throws on %j', (text) => {
    expect(Array.isArray(parseRecordText(text))).toBe(true);
  });

  it('writes sorted bytewise, and what it writes reads back', () => {
    const lines = [{ path: 'b', hash: 'sha256=x', size: 1 }, { path: 'a,1' }, { path: 'B', size: 0, hash: 'sha256=y' }];
    const text = renderRecordText(lines);
    expect(text).toBe('B,sha256=y,0\n"a,1",,\nb,sha256=x,1\n');
    expect(renderRecordText(parseRecordText(text))).toBe(text);
  });

  it('writes a digest without padding', () => {
    expect(recordHash('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')).toBe('sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });
});
