import type { Workplace } from '../workplace/workplace-path';

export interface EnvironmentRequest {
  /** The clean environment of the run: PATH, HOME, TZ, LC_ALL, PYTHONHASHSEED, SOURCE_DATE_EPOCH, and what `passEnv` names. */
  base: Readonly<Record<string, string>>;
  places: Workplace;
  /** Variables that hand the version over. */
  version: Readonly<Record<string, string>>;
  /** `linux`, `darwin`, `win32`. */
  system: string;
  /** Adds to the flags of the project's own cargo settings. */
  rustFlags?: string;
  /** Where the sources are in containers that compilers run in. */
  containerProject?: string;
}

/** Folders that compilers would write into what they make, and what stands there instead. */
export const hiddenPaths = ({ sources, sdist, root }: Workplace): readonly (readonly [path: string, shown: string])[] => [
  [root, '.'],
  [sources, '.'],
  [sdist, '.'],
];

/** The variables of a build, whoever runs it and where: compilers forget paths, tools write no caches into sources, nobody asks or shows progress. */
export function buildEnvironment(request: EnvironmentRequest): Record<string, string> {
  const { base, places, version, system } = request;
  const temporary = { TMPDIR: places.temporary, TEMP: places.temporary, TMP: places.temporary };
  const quiet = { NO_COLOR: '1', PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
  return { ...base, ...temporary, ...quiet, ...(system === 'win32' ? {} : compilerFlags(request)), ...version };
}

/** Of several maps that fit, gcc and clang take the last, rustc too. */
function compilerFlags({ base, places, rustFlags = 'CARGO_BUILD_RUSTFLAGS', containerProject }: EnvironmentRequest): Record<string, string> {
  const inContainer = containerProject === undefined ? [] : [[containerProject, '.'] as const];
  const maps = [...hiddenPaths(places), ...inContainer].map(([path, shown]) => `-ffile-prefix-map=${path}=${shown}`);
  const home = base['CARGO_HOME'] ?? (base['HOME'] === undefined ? undefined : `${base['HOME']}/.cargo`);
  const rust = [...(home === undefined ? [] : [[home, '/cargo'] as const]), ...hiddenPaths(places), ...inContainer].map(
    ([path, shown]) => `--remap-path-prefix=${path}=${shown}`,
  );
  const withFlags = (name: string, flags: readonly string[]): string => [...(base[name] ? [base[name]] : []), ...flags].join(' ');
  return {
    CFLAGS: withFlags('CFLAGS', maps),
    CXXFLAGS: withFlags('CXXFLAGS', maps),
    FFLAGS: withFlags('FFLAGS', maps),
    ...rustVariable(base, rust, rustFlags),
  };
}

/** cargo takes flags from one place alone: where the user has set a variable that wins over the project's settings, ours go there. */
function rustVariable(base: EnvironmentRequest['base'], flags: readonly string[], otherwise: string): Record<string, string> {
  const encoded = base['CARGO_ENCODED_RUSTFLAGS'];
  if (encoded !== undefined && encoded !== '') return { CARGO_ENCODED_RUSTFLAGS: [encoded, ...flags].join('\x1f') };
  const name = base['RUSTFLAGS'] ? 'RUSTFLAGS' : otherwise;
  return { [name]: [...(base[name] ? [base[name]] : []), ...flags].join(' ') };
}

/** Settings of the user by which pip and uv take distributions from further places than the command names. */
const OTHER_PLACES = new Set(['PIP_FIND_LINKS', 'UV_FIND_LINKS', 'PIP_EXTRA_INDEX_URL', 'UV_EXTRA_INDEX_URL', 'UV_INDEX', 'UV_CONFIG_FILE']);

/** An environment in which a wheelhouse is the only place that distributions come from. */
export function withoutOtherPlaces(base: Readonly<Record<string, string>>, system: string): Record<string, string> {
  const kept = Object.entries(base).filter(([name]) => !OTHER_PLACES.has(name));
  return { ...Object.fromEntries(kept), PIP_CONFIG_FILE: system === 'win32' ? 'nul' : '/dev/null', UV_NO_CONFIG: '1' };
}
