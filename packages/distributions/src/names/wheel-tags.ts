import { distributionsErrors } from '../errors/distributions-errors';
import { parseWheelName, type WheelName, type WheelTarget } from './wheel-name';

/** How well a part of a wheel's tag fits; higher is more specific, `undefined` does not fit. */
type Fit = number | undefined;

const best = (fits: readonly Fit[]): Fit =>
  fits.reduce((highest, fit) => (fit !== undefined && (highest === undefined || fit > highest) ? fit : highest), undefined);

const minorOf = (series: string): number => Number(series.split('.')[1]);

/** `cp311` fits 3.11 with any ABI; `cp38` fits through a stable ABI alone; `py3` and `py39` fit every later 3.x. */
function fitPython(tag: string, abi: string, target: WheelTarget): Fit {
  const [, implementation, version] = /^(cp|py)(\d+)$/.exec(tag) ?? [];
  if (version === undefined || !version.startsWith('3')) return undefined;
  const minor = version === '3' ? 0 : Number(version.slice(1));
  if (minor > minorOf(target.series)) return undefined;
  if (implementation === 'py') return 1;
  return minor === minorOf(target.series) || /^abi3t?$/.test(abi) ? 3 : undefined;
}

/** Free-threaded builds load neither abi3 nor the usual ABI (PEP 703); their stable ABI is abi3t (PEP 803). */
function fitAbi(tag: string, target: WheelTarget): Fit {
  if (tag === 'none') return 1;
  if (tag === 'abi3' || tag === 'abi3t') return target.abiFlags.includes('t') === (tag === 'abi3t') ? 2 : undefined;
  return tag === `cp3${minorOf(target.series)}${target.abiFlags}` ? 3 : undefined;
}

const FAMILY: Readonly<Record<string, RegExp>> = {
  linux: /^(linux|manylinux1|manylinux2010|manylinux2014|manylinux_\d+_\d+)_(?<arch>.+)$/,
  'linux-musl': /^(linux|musllinux_\d+_\d+)_(?<arch>.+)$/,
  macos: /^macosx_\d+_\d+_(?<arch>.+)$/,
  windows: /^win_?(?<arch>.+)$/,
};

const ARCHITECTURES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  linux: { x86_64: ['x86_64'], aarch64: ['aarch64'] },
  macos: { x86_64: ['x86_64', 'universal2', 'intel'], aarch64: ['arm64', 'universal2'], universal2: ['universal2'] },
  windows: { x86_64: ['amd64'], aarch64: ['arm64'] },
};

/** Which glibc or macOS a tag promises is not asked here: the files themselves are read for it. */
function fitPlatform(tag: string, target: WheelTarget): Fit {
  if (tag === 'any') return 1;
  const [os = '', arch = '', libc] = target.platform.split('-');
  const found = FAMILY[libc === undefined ? os : `${os}-${libc}`]?.exec(tag)?.groups?.arch;
  return found !== undefined && ARCHITECTURES[os]?.[arch]?.includes(found) ? 2 : undefined;
}

/** How well a wheel fits a runtime: a number that grows with how specific its tags are, `undefined` when it cannot be used. */
export function fitWheel(wheel: WheelName, target: WheelTarget): Fit {
  const pairs = wheel.abiTags.flatMap((abi) =>
    wheel.pythonTags.map((python) => {
      const fits = [fitPython(python, abi, target), fitAbi(abi, target)];
      return fits.some((fit) => fit === undefined) ? undefined : fits.reduce<number>((sum, fit) => sum + fit! * 4, 0);
    }),
  );
  const code = best(pairs);
  const platform = best(wheel.platformTags.map((tag) => fitPlatform(tag, target)));
  return code === undefined || platform === undefined ? undefined : code + platform;
}

/**
 * Of the wheels that upstream targets made, the best one of each distribution. A distribution of which no wheel fits is an error
 * (`WHEEL_PLATFORM`): leaving it out would ship an application without its own code.
 */
export function chooseWheels<T extends { name: string }>(wheels: readonly T[], target: WheelTarget): T[] {
  const groups = new Map<string, { item: T; fit: Fit }[]>();
  for (const item of wheels) {
    const wheel = parseWheelName(item.name);
    if (wheel === undefined) throw distributionsErrors.error('WHEEL_NAME', { fileName: item.name });
    const group = groups.get(wheel.distribution) ?? [];
    groups.set(wheel.distribution, [...group, { item, fit: fitWheel(wheel, target) }]);
  }
  return [...groups.keys()].sort().map((distribution) => {
    const group = groups.get(distribution)!;
    const fitting = group.filter(({ fit }) => fit !== undefined).sort((a, b) => b.fit! - a.fit! || (a.item.name < b.item.name ? 1 : -1));
    const chosen = fitting[0];
    if (chosen === undefined) {
      throw distributionsErrors.error('WHEEL_PLATFORM', { distribution, wheels: group.map(({ item }) => item.name), ...target });
    }
    return chosen.item;
  });
}
