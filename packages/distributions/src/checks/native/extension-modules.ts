import type { NativeMember } from '../../distribution-facts';

/** An extension module, by the file's name (https://docs.python.org/3/library/importlib.html#importlib.machinery.EXTENSION_SUFFIXES). */
export interface ExtensionName {
  path: string;
  /** `cp311`, `cp313t`; absent when the name has no version. */
  tag?: string;
  abi3: boolean;
  /** `x86_64-linux-gnu`, `darwin`, `win_amd64`. */
  platform?: string;
}

const CPYTHON = /\.cpython-(?<version>\d+[a-z]*)(?:-(?<platform>[A-Za-z0-9_-]+))?\.so$/;
const WINDOWS = /\.(?<tag>cp\d+t?)-(?<platform>win[A-Za-z0-9_]+)\.pyd$/;

/** `undefined` for files whose name is of no extension module; a bare `.so` is one when it exports a module's entry, or is a bundle of macOS. */
export function extensionName({ path, elf, macho, machoSymbols }: NativeMember): ExtensionName | undefined {
  const linux = CPYTHON.exec(path)?.groups;
  if (linux !== undefined) return { path, tag: `cp${linux.version!.replace(/[dm]+$/, '')}`, abi3: false, ...given(linux.platform) };
  if (/\.abi3t?\.so$/.test(path)) return { path, abi3: true };
  const windows = WINDOWS.exec(path)?.groups;
  if (windows !== undefined) return { path, tag: windows.tag!, abi3: false, ...given(windows.platform) };
  if (path.endsWith('.pyd')) return { path, abi3: false };
  const exportsModule = (elf?.symbols ?? machoSymbols ?? []).some(({ name, defined }) => defined && /^Py(Init|ModExport)U?_/.test(name));
  const isBundle = macho?.slices.some(({ type }) => type === 'bundle') ?? false;
  return (exportsModule || isBundle) && path.endsWith('.so') ? { path, abi3: false } : undefined;
}

const given = (platform: string | undefined): { platform?: string } => (platform === undefined ? {} : { platform });
