/**
 * Faults as they happen in real bundles, planted into a copy of a good one with real tools. Each names the check that must turn red; when
 * several checks rightly see it, any of them counts.
 */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
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

const RUNTIME = 'python/runtime';
const python = (bundle) => readdirSync(join(bundle, RUNTIME, 'bin')).find((name) => /^python3\.\d+$/.test(name));
const stdlib = (bundle) => join(bundle, RUNTIME, 'lib', python(bundle));
const dynload = (bundle, stem) => {
  const folder = join(stdlib(bundle), 'lib-dynload');
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`${stem}.`)),
  );
};
const libpython = (bundle) =>
  join(
    bundle,
    RUNTIME,
    'lib',
    readdirSync(join(bundle, RUNTIME, 'lib')).find((name) => /^libpython3\.\d+\.so\.1\.0$/.test(name)),
  );
const patchByte = (file, offset, byte) => {
  const bytes = readFileSync(file);
  bytes[offset] = byte;
  writeFileSync(file, bytes);
};
const distInfo = (bundle) =>
  join(
    bundle,
    'python/vendor',
    readdirSync(join(bundle, 'python/vendor')).find((name) => name.endsWith('.dist-info')),
  );

/** @type {{name: string, checks: string[], whole?: true, plant(bundle: string, world: {patchelf: string, program: string, hidden: string}): unknown}[]} */
export const PLANTED_FAULTS = [
  {
    name: 'program without search path',
    checks: ['needed-libraries', 'identity', 'loader'],
    plant: (b, { patchelf, program }) => mustRun(patchelf, ['--remove-rpath', join(b, program)]),
  },
  {
    name: 'program with RUNPATH instead of RPATH',
    checks: ['loader', 'hostile-environment'],
    plant: (b, { patchelf, program }) => mustRun(patchelf, ['--set-rpath', '$ORIGIN/../python/runtime/lib:$ORIGIN/../lib', join(b, program)]),
  },
  {
    name: 'absolute search path',
    checks: ['rpath'],
    plant: (b, { patchelf, program, hidden }) => mustRun(patchelf, ['--force-rpath', '--set-rpath', `${hidden}/lib`, join(b, program)]),
  },
  {
    name: 'search path that leaves the bundle',
    checks: ['rpath'],
    plant: (b, { patchelf, program }) =>
      mustRun(patchelf, [
        '--force-rpath',
        '--set-rpath',
        '$ORIGIN/../python/runtime/lib:$ORIGIN/../lib:$ORIGIN/../../../elsewhere',
        join(b, program),
      ]),
  },
  {
    name: 'carried library missing',
    checks: ['needed-libraries'],
    plant: (b) =>
      rmSync(
        join(
          b,
          'lib',
          readdirSync(join(b, 'lib')).find((name) => name.startsWith('libcrypto') || name.startsWith('libffi')),
        ),
      ),
  },
  { name: 'libpython missing', whole: true, checks: ['needed-libraries'], plant: (b) => rmSync(libpython(b)) },
  {
    name: 'unknown needed library',
    checks: ['needed-libraries'],
    plant: (b, { patchelf }) => mustRun(patchelf, ['--add-needed', 'libnot-there.so.7', dynload(b, '_json')]),
  },
  {
    name: 'odd loader',
    checks: ['loader'],
    plant: (b, { patchelf, program, hidden }) => mustRun(patchelf, ['--set-interpreter', `${hidden}/ld.so`, join(b, program)]),
  },
  {
    name: 'truncated extension module',
    whole: true,
    checks: ['binary-format'],
    plant: (b) => truncateSync(dynload(b, '_json'), 2000),
  },
  {
    name: 'empty extension module',
    checks: ['binary-format'],
    plant: (b) => truncateSync(dynload(b, '_struct'), 0),
  },
  {
    name: 'extension module of another machine',
    whole: true,
    checks: ['binary-format'],
    plant: (b) => patchByte(dynload(b, '_json'), 18, 183),
  },
  {
    name: 'build path in a text file',
    checks: ['build-paths'],
    plant: (b, { hidden }) => appendFileSync(join(stdlib(b), 'os.py'), `\n# ${hidden}/secret\n`),
  },
  {
    name: 'build path in a binary file, UTF-16',
    checks: ['build-paths'],
    plant: (b, { hidden }) => appendFileSync(join(b, 'share/waybill/extra.bin'), Buffer.from(`\u0001${hidden}/x`, 'utf16le')),
  },
  {
    name: 'build path inside a zip',
    checks: ['build-paths'],
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
    checks: ['tree-entries'],
    plant: (b) => symlinkSync('/etc/hostname', join(b, 'share/link')),
  },
  {
    name: 'symlink that leaves',
    checks: ['tree-entries'],
    plant: (b) => symlinkSync('../../outside', join(b, 'share/link')),
  },
  {
    name: 'dangling symlink',
    checks: ['tree-entries'],
    plant: (b) => symlinkSync('nothing', join(b, 'share/link')),
  },
  { name: 'FIFO', whole: true, checks: ['tree-entries'], plant: (b) => mustRun('mkfifo', [join(b, 'share/fifo')]) },
  {
    name: 'hard links',
    checks: ['tree-entries'],
    plant: (b) => linkSync(join(stdlib(b), 'os.py'), join(stdlib(b), 'os2.py')),
  },
  {
    name: 'names that differ in case alone',
    checks: ['tree-entries'],
    plant: (b) => copyFileSync(join(stdlib(b), 'os.py'), join(stdlib(b), 'OS.py')),
  },
  {
    name: 'setuid bit',
    checks: ['elf-hygiene'],
    plant: (b, { program }) => chmodSync(join(b, program), 0o4755),
  },
  {
    name: 'absolute shebang',
    checks: ['shebangs'],
    plant: (b, { hidden }) => writeFileSync(join(b, RUNTIME, 'bin/tool'), `#!${hidden}/bin/python3\nprint(1)\n`, { mode: 0o755 }),
  },
  {
    name: 'shebang with CRLF',
    checks: ['shebangs'],
    plant: (b) => writeFileSync(join(b, RUNTIME, 'bin/tool'), '#!/bin/sh\r\necho 1\r\n', { mode: 0o755 }),
  },
  {
    name: '.pth with an absolute path',
    checks: ['python-metadata', 'build-paths'],
    plant: (b, { hidden }) => writeFileSync(join(b, 'python/vendor/extra.pth'), `${hidden}/src\n`),
  },
  {
    name: 'RECORD lists a file that is not there',
    checks: ['python-metadata'],
    plant: (b) => appendFileSync(join(distInfo(b), 'RECORD'), 'gone.py,sha256=AAAA,3\n'),
  },
  {
    name: 'file of a package changed after RECORD',
    checks: ['python-metadata'],
    plant: (b) => appendFileSync(join(distInfo(b), 'METADATA'), '\n'),
  },
  { name: 'stale byte code by time', checks: ['bytecode', 'start-up'], plant: (b) => staleBytecode(b) },
  { name: 'orphaned byte code', checks: ['bytecode'], plant: (b) => rmSync(join(stdlib(b), 'textwrap.py')) },
  {
    name: 'byte code of another Python',
    checks: ['bytecode'],
    plant: (b) => patchByte(pycOf(b, 'textwrap'), 0, 1),
  },
  {
    name: 'empty landmark zip',
    checks: ['python-metadata', 'moved-copy', 'tree-entries', 'bytecode'],
    plant: (b) => writeFileSync(join(b, RUNTIME, 'lib', `${python(b).replace('.', '')}.zip`), ''),
  },
  {
    name: 'file changed after the manifest',
    checks: ['tree-entries', 'python-metadata', 'identity', 'read-only'],
    plant: (b) => appendFileSync(join(b, 'share/waybill/launcher.conf'), '') || appendFileSync(join(stdlib(b), 'abc.py'), '# x\n'),
  },
  {
    name: 'launcher that prints a fixed answer',
    whole: true,
    checks: ['identity', 'file-trace', 'launcher'],
    plant: fakeLauncher,
  },
  {
    name: 'standard library module missing',
    whole: true,
    checks: ['imports', 'moved-copy', 'python-metadata', 'tree-entries', 'bytecode'],
    plant: (b) => rmSync(join(stdlib(b), 'json'), { recursive: true }),
  },
];

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

function fakeLauncher(bundle) {
  const name = readdirSync(bundle, { withFileTypes: true }).find((entry) => entry.isFile()).name;
  const answer = '{"version":"3.11.7","prefix":"/x","executable":"/x/python","libpython":null,"imports":{}}';
  rmSync(join(bundle, name));
  writeFileSync(join(bundle, name), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  if (!existsSync(join(bundle, 'share'))) mkdirSync(join(bundle, 'share'));
}
