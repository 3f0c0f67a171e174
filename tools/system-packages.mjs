/** What the tests need beyond npm packages, and the Debian package that brings it. Installed when we may, otherwise the tests that need it skip. */
import { commandWorks, runCommand } from './run-command.mjs';

export const SYSTEM_NEEDS = [
  { command: 'strace', args: ['-V'], debian: 'strace', why: 'the trace of opened files' },
  {
    command: 'readelf',
    args: ['--version'],
    debian: 'binutils',
    why: 'differential tests of the ELF reader',
  },
  {
    command: 'llvm-objdump',
    args: ['--version'],
    debian: 'llvm',
    why: 'differential tests of the Mach-O reader',
  },
  {
    command: 'llvm-readobj',
    args: ['--version'],
    debian: 'llvm',
    why: 'differential tests of the PE reader',
  },
  { command: 'osslsigncode', args: ['--version'], debian: 'osslsigncode', why: 'signatures of PE files by another program' },
  { command: 'wixl', args: ['--version'], debian: 'wixl', why: 'a real installer for Windows to sign' },
  { command: 'openssl', args: ['version'], debian: 'openssl', why: 'CMS structures by another program' },
  { command: 'strip', args: ['--version'], debian: 'binutils', why: 'stripping the runtime' },
  { command: 'cc', args: ['--version'], debian: 'gcc', why: 'programs that embed Python in tests' },
  { command: 'dash', args: ['-c', ':'], debian: 'dash', why: 'the POSIX check of shell launchers' },
  { command: 'pigz', args: ['--version'], debian: 'pigz', why: 'the reference of the gzip writer' },
  { command: 'zstd', args: ['--version'], debian: 'zstd', why: 'the reference of the zstd writer' },
  { command: 'unzip', args: ['-v'], debian: 'unzip', why: 'reading our zip files with another program' },
  {
    command: 'bsdtar',
    args: ['--version'],
    debian: 'libarchive-tools',
    why: 'reading our archives with another program',
  },
  { command: 'bwrap', args: ['--version'], debian: 'bubblewrap', why: 'isolation for ordinary users' },
  { command: 'unshare', args: ['--version'], debian: 'util-linux', why: 'isolation' },
  { command: 'setpriv', args: ['--version'], debian: 'util-linux', why: 'isolation as another user' },
  { command: 'minisign', args: ['-v'], debian: 'minisign', why: 'verifying our signatures with another program' },
  { command: 'gpg', args: ['--version'], debian: 'gnupg', why: 'keys and signatures to compare with' },
  { command: 'gpgv', args: ['--version'], debian: 'gpgv', why: 'verifying our signatures with another program' },
  { command: 'docker-registry', args: ['--version'], debian: 'docker-registry', why: 'a real registry to publish to' },
  { command: 'ssh', args: ['-V'], debian: 'openssh-client', why: 'verifying our signatures with another program' },
];

/** @returns {Promise<string[]>} lines that say what was installed and what is missing */
export async function installSystemPackages() {
  const missing = [];
  for (const need of SYSTEM_NEEDS) if (!(await commandWorks(need.command, need.args))) missing.push(need);
  if (missing.length === 0) return [];
  const names = [...new Set(missing.map(({ debian }) => debian))];
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0 || !(await commandWorks('apt-get'))) {
    return missing.map(({ command: tool, why }) => `missing \`${tool}\` (${why}); tests that need it skip; as root: ${command}`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { quiet: true, env });
  const { exitCode, output } = await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { quiet: true, env });
  return exitCode === 0 ? [`installed ${names.join(', ')}`] : [`\`${command}\` failed:\n${output.trim().split('\n').slice(-5).join('\n')}`];
}
