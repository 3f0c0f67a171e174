/** A tool of the fingerprint: how its version is asked. */
export interface ToolProbe {
  /** Also the id of its descriptor in core, where it has one. */
  id: string;
  command: string;
  /** Variable that names the tool's path instead of PATH. */
  variable: string;
  args: readonly string[];
  /** The whole first line counts, not only the version number in it (two builds of one Python version differ there). */
  wholeLine?: boolean;
  /** File name of the program itself: an answer may be kept. Stand-ins that start another (of ccache, mise, rustup) are named otherwise. */
  program?: RegExp;
  /** A Python application that does not tell its version: that of the distribution installed beside it, and nothing is started. */
  distribution?: string;
}

const VERSION = ['--version'] as const;

/** Tools whose version changes what comes out of cached targets. `missing` is an answer too: the managed tool of this Waybill is taken then. */
export const TOOL_PROBES: readonly ToolProbe[] = [
  {
    id: 'python3',
    command: 'python3',
    variable: 'PYO3_PYTHON',
    args: ['-I', '-S', '-c', 'import sys; print(" ".join(sys.version.split()), sys.implementation.cache_tag, sys.abiflags)'],
    wholeLine: true,
    program: /^python\d[\d.]*[a-z]*$/,
  },
  { id: 'uv', command: 'uv', variable: 'WAYBILL_UV', args: VERSION, program: /^uv$/ },
  { id: 'patchelf', command: 'patchelf', variable: 'WAYBILL_PATCHELF', args: VERSION, program: /^patchelf$/ },
  { id: 'strip', command: 'strip', variable: 'WAYBILL_STRIP', args: VERSION, program: /(^|-)strip$/ },
  { id: 'zig', command: 'zig', variable: 'WAYBILL_ZIG', args: ['version'] },
  { id: 'rustc', command: 'rustc', variable: 'RUSTC', args: VERSION, program: /^rustc$/ },
  // compiles the extensions of wheels; two builds of one version of a compiler differ in what stands before the number
  { id: 'cc', command: 'cc', variable: 'CC', args: VERSION, wholeLine: true, program: /(^|-)(gcc|clang)(-[\d.]+)?$/ },
  { id: 'maturin', command: 'maturin', variable: 'WAYBILL_MATURIN', args: VERSION, program: /^maturin$/ },
  { id: 'cibuildwheel', command: 'cibuildwheel', variable: 'WAYBILL_CIBUILDWHEEL', args: VERSION, distribution: 'cibuildwheel' },
];
