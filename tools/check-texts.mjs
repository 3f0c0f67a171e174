/**
 * What docs/reference/checks.md says of each relocatability check beyond its row in the table: the usual cause of a red one, what mends it, and a glob for
 * an entry of `allow`. The generator refuses a check without a text and a text without a check.
 */
const DYNAMIC = '**';

export const CHECK_TEXTS = {
  'binary-format': {
    cause: 'A file was cut off on its way, or a package was installed for another processor or another Python than the bundle has.',
    remedy:
      'Install the package for the platform and the Python of the bundle. Leave out what nothing reads at run time: `"prune": { "drop": […] }`.',
    path: 'python/vendor/foo/data/sample.so',
  },
  'needed-libraries': {
    cause: 'A native file needs a library that is neither in the bundle nor part of glibc: it comes from the machine that built it.',
    remedy:
      'Let packaging carry it (`"vendorLibraries": { "allow": ["libreadline.so.8"] }` when the defaults deny it), or leave out the module that needs it (`prune.drop`).',
    path: 'python/vendor/foo/_native.so',
  },
  rpath: {
    cause: 'A search path is absolute, leads out of the bundle or to a folder that is not there: usually the folder in which the file was built.',
    remedy: 'Build without such a path, or set it with patchelf to one that begins with `$ORIGIN`. In files of wheels it is often a warning only.',
    path: 'python/vendor/foo/**',
  },
  loader: {
    cause:
      'A program asks for a dynamic loader that other systems lack, is not executable, or finds its libraries by RUNPATH, which `LD_LIBRARY_PATH` overrides.',
    remedy:
      'The finding has the `patchelf` or `chmod` command. Packaging does this for your program; a red check is usual in bundles of other tools.',
    path: 'bin/helper',
  },
  'glibc-floor': {
    cause: 'A file was compiled on a system that is newer than the one that `glibc` (of packaging) or `expect.glibc` (of the proof) names.',
    remedy: 'Build it on an older system, take a package or a runtime that was built on one, or raise the number and say so to your users.',
    path: 'python/vendor/foo/_native.so',
  },
  'elf-hygiene': {
    cause: 'A file was linked with an executable stack or text relocations, or has a setuid bit or capabilities: systems refuse or restrict it.',
    remedy: 'The finding has the flag for the linker, or the `chmod` or `setcap` command.',
    path: 'python/vendor/foo/_native.so',
  },
  'build-paths': {
    cause:
      'A file, or a member of a zip or gzip, holds a path of the building machine: of the home folder, the workspace, the interpreter or Cargo. A warning: it is packed by bzip2, xz or zstd, which is not looked into.',
    remedy:
      'Build with `--remap-path-prefix` (Rust) or `-ffile-prefix-map` (C), write the path relative, or leave the file out (`prune.drop`, or do not `include` it).',
    path: 'python/app/settings.json',
  },
  'tree-entries': {
    cause:
      'A link leads out of the bundle or to nothing, two names differ in case alone, a name cannot be stored everywhere, others cannot read a file or everybody may write it, or the tree is not what its manifest says.',
    remedy:
      'Remove the link or copy its target into the bundle; rename the file; give files the modes 644 and 755. When the manifest differs, something changed the bundle: package again.',
    path: 'python/app/assets/*',
  },
  shebangs: {
    cause: 'A script starts an interpreter by a path that only the building machine has, or has no `#!` line.',
    remedy: 'Start through `#!/bin/sh` and a path relative to the script, or leave the script out.',
    path: 'python/vendor/bin/*',
  },
  'python-metadata': {
    cause: 'A package is installed from its source folder (`-e`), a `.pth` file leads outside, or RECORD does not fit the files any more.',
    remedy: 'Install the package as a wheel, and change nothing in it afterwards.',
    path: 'python/vendor/foo-1.0.dist-info/RECORD',
  },
  bytecode: {
    cause: 'Byte code was written by another Python, has no source, holds an absolute path, or is stale.',
    remedy: 'Leave byte code to packaging (`"pyc": "unchecked-hash"`, the default) and bring none of your own.',
    path: 'python/app/**/__pycache__/*',
  },
  'moved-copy': {
    cause: 'The application does not start in another folder, or does not answer `command` with JSON. What it printed stands in the finding.',
    remedy:
      'Start the unpacked bundle by hand ([how](../guides/when-the-proof-is-red.md#3-look-at-the-bundle)). Usual causes: a module that is missing from the lock, a path of the machine in the code, no source that handles `--smoke-python`. When the finding is about isolation, see [the proof](../concepts/proof.md#isolation); no `allow` applies to that.',
    path: DYNAMIC,
  },
  'moved-twice': {
    cause: 'The application keeps something of the first place (a cache, a lock, an absolute path), or needs its working folder.',
    remedy: 'Find files by `__file__` or `sys.prefix`, and write to the user’s folders.',
    path: DYNAMIC,
  },
  'bare-root': {
    cause: 'The application needs a library, program or file that not every system has.',
    remedy:
      'Carry it in the bundle (`include`, `vendorLibraries`), or let the application live without it. `glibcMatrix` entries must fit the platform.',
    path: DYNAMIC,
  },
  'read-only': {
    cause: 'The application writes into its own folder, needs a home folder or the network to start, or running it left new byte code behind.',
    remedy: 'Write to the user’s folders, and only when asked to; ship byte code (`"pyc": "unchecked-hash"`).',
    path: 'python/vendor/foo/cache/**',
  },
  'hostile-environment': {
    cause: 'A variable of the caller (`PYTHONPATH`, `PYTHONHOME`, `LD_LIBRARY_PATH`, …) changes what runs.',
    remedy: 'Use the native launcher (`"launcher": "native"`, the default). A launcher of your own must drop `PYTHON*` but for an allow-list.',
    path: DYNAMIC,
  },
  identity: {
    cause:
      'What runs is not the Python of the bundle: the loader found a libpython of the machine, or the answer comes from something that starts no Python.',
    remedy:
      'Let the program search the bundle first; name a `command` that really starts Python. An `allow` here would take the worth out of the proof.',
    path: DYNAMIC,
  },
  'file-trace': {
    cause: 'While it ran, the bundle asked for a file of the building machine, in vain or not, or loaded a library of the system.',
    remedy: 'Find what holds or computes the path (`build-paths` helps) and make it relative to the bundle; carry the library.',
    path: DYNAMIC,
  },
  imports: {
    cause: 'An extension module or a name of `imports` does not load, or a usual service (TLS, time zones, child processes) does not work.',
    remedy: 'Add what is missing to the requirements or to `include`; leave out a module that nobody uses (`prune.drop`).',
    path: 'python/vendor/foo/_optional.so',
  },
  launcher: {
    cause: 'The launcher loses arguments or exit codes, keeps signals to itself, or leaves Python running when it dies.',
    remedy: 'Use the native launcher. In a script of your own end with `exec "$program" "$@"`.',
    path: DYNAMIC,
  },
  'archive-round-trip': {
    cause: 'Another tool (tar, unzip, Python) unpacks another tree from the archive than Node.js does.',
    remedy: 'Let `package-dist` write the archive; do not pack it again afterwards.',
    path: DYNAMIC,
  },
  'start-up': {
    cause: 'The start takes longer than `startBudgetMs`, or modules are compiled anew at each start.',
    remedy: 'Import less at the start, ship byte code, or raise the budget.',
    path: DYNAMIC,
  },
  'self-test': {
    cause: 'A check did not see a fault that was planted for it: the proof itself cannot be trusted on this machine.',
    remedy: 'This is a fault of Waybill: report it with `report.json`.',
  },
  reproducible: {
    cause: 'A second packaging gave other bytes: something in the files depends on time, path or order.',
    remedy: 'Take times, random names and paths out of what the files hold; the finding names the first file that differs.',
    path: DYNAMIC,
  },
};
