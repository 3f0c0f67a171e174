import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { compareFiles } from './compare-files';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const itWithPython = skipUnless(spawnSync('python3', ['--version']).status === 0, 'python3 is not installed');

/** A backend that is careless in one way: its circumstances show in what it writes. */
const BUILD = `
import gzip, io, os, sys, tarfile, time, zipfile
kind, output, cause, build = sys.argv[1:]
second = build == "2"
root = "/tmp/first-build/src" if not second else "/tmp/other/second-build/src"
files = {"demo/__init__.py": "x = 1\\n", "demo/names.py": "names = ('ant', 'bee', 'cow')\\n", "demo/where.py": "root = None\\n"}
if cause == "hash seed" and second: files["demo/names.py"] = "names = ('cow', 'ant', 'bee')\\n"
if cause == "path": files["demo/where.py"] = "root = %r\\n" % root
if cause == "content" and second: files["demo/where.py"] = "root = 'today'\\n"
names = sorted(files, reverse=cause == "order" and second)
mtime = 1580601600 + (60 if cause == "mtime" and second else 0)
mode = 0o600 if cause == "mode" and second else 0o644
if kind == "wheel":
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED if cause == "container" and second else zipfile.ZIP_DEFLATED) as file:
        for name in names:
            info = zipfile.ZipInfo(name, time.gmtime(mtime)[:6])
            info.external_attr, info.compress_type = (0o100000 | mode) << 16, file.compression
            file.writestr(info, files[name])
else:
    with open(output, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 7 if cause == "gzip header" and second else 0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name in names:
                info = tarfile.TarInfo("demo-1.0/" + name)
                info.size, info.mtime, info.mode = len(files[name]), mtime, mode
                tar.addfile(info, io.BytesIO(files[name].encode()))
`;

for (const [kind, causes] of [
  ['wheel', ['mtime', 'mode', 'order', 'path', 'hash seed', 'container', 'content']],
  ['sdist', ['mtime', 'mode', 'order', 'path', 'hash seed', 'gzip header', 'content']],
] as const) {
  describe(`two builds of a ${kind}`, () => {
    const compare = (cause: string) => {
      for (const build of ['1', '2']) execFileSync('python3', ['-c', BUILD, kind, at(build), cause, build]);
      return compareFiles({ first: at('1'), second: at('2'), roots: [['/tmp/first-build/src', '/tmp/other/second-build/src']] });
    };

    itWithPython('that are the same have no difference', async () => {
      expect(await compare('none')).toEqual([]);
    });

    for (const cause of causes) {
      itWithPython(`differ by ${cause}, and that is told first`, async () => {
        const [first, ...more] = await compare(cause);
        expect(first!.cause).toBe(cause);
        expect(more.every((difference) => difference.cause === cause)).toBe(true);
      });
    }
  });
}
