import { join } from 'node:path/posix';
import { normaliseDistribution, semverToPep440 } from '@waybill/artifacts';
import type { Tree } from '@nx/devkit';
import { foldersAbove, readToml, table, type ReleaseNames, type Table } from './read-manifests';
import { applyEdits, tomlTexts, type TextEdit, type TomlText } from './toml-texts';

/** Writes the new version (SemVer form) of a local package into the uv.lock and Cargo.lock that hold it; a line for each. No tool is run. */
export function followLocks(tree: Tree, projectRoot: string, names: ReleaseNames, version: string): readonly string[] {
  return [
    ...follow(tree, projectRoot, 'uv.lock', (lock, texts) => uvEdits(lock, texts, names.distribution, semverToPep440(version))),
    ...follow(tree, projectRoot, 'Cargo.lock', (lock, texts) => cargoEdits(lock, texts, names.crate, version)),
  ];
}

/** Lock files whose content hash goes stale with the manifest: only their own tool can write it. */
export function staleLocks(tree: Tree, projectRoot: string): readonly string[] {
  return Object.entries({ 'poetry.lock': 'poetry lock', 'pdm.lock': 'pdm lock --update-reuse' }).flatMap(([file, command]) =>
    foldersAbove(projectRoot)
      .map((folder) => join(folder, file))
      .filter((path) => tree.exists(path))
      .map((path) => `⚠️  ${path} does not know it yet: run \`${command}\` beside it`),
  );
}

type Edits = (lock: Table, texts: readonly TomlText[]) => readonly TextEdit[];

function follow(tree: Tree, projectRoot: string, file: string, editsOf: Edits): readonly string[] {
  return foldersAbove(projectRoot)
    .map((folder) => join(folder, file))
    .filter((path) => tree.exists(path))
    .flatMap((path) => {
      const before = tree.read(path, 'utf8')!;
      const after = applyEdits(before, editsOf(readToml(tree, path), tomlTexts(before)));
      if (after === before) return [];
      tree.write(path, after);
      return [`✍️  ${path}`];
    });
}

const packagesOf = (lock: Table): readonly Table[] => (Array.isArray(lock['package']) ? lock['package'].map(table) : []);

const textAt = (texts: readonly TomlText[], index: number, key: string): readonly TomlText[] =>
  texts.filter(({ path }) => path.length === 3 && path[0] === 'package' && path[1] === index && path[2] === key);

const replace = ({ start, raw }: TomlText, text: string): TextEdit => ({ start, length: raw.length, text });

const LOCAL_SOURCES = ['editable', 'virtual', 'directory'];

function uvEdits(lock: Table, texts: readonly TomlText[], distribution: string | undefined, version: string): readonly TextEdit[] {
  return packagesOf(lock).flatMap((entry, index) => {
    const isLocal = LOCAL_SOURCES.some((kind) => table(entry['source'])[kind] !== undefined);
    if (!isLocal || normaliseDistribution(String(entry['name'])) !== distribution) return [];
    return textAt(texts, index, 'version').map((text) => replace(text, version));
  });
}

/** A local crate has no `source`; where several versions of a name are locked, those who depend on it name it with its version. */
function cargoEdits(lock: Table, texts: readonly TomlText[], crate: string | undefined, version: string): readonly TextEdit[] {
  return packagesOf(lock).flatMap((entry, index) => {
    if (entry['name'] !== crate || entry['source'] !== undefined) return [];
    const named = `${String(crate)} ${String(entry['version'])}`;
    const users = texts.filter(({ path, raw }) => path[0] === 'package' && path[2] === 'dependencies' && raw === named);
    return [
      ...textAt(texts, index, 'version').map((text) => replace(text, version)),
      ...users.map((text) => replace(text, `${String(crate)} ${version}`)),
    ];
  });
}
