import type { BundleEntry, BundleFacts } from '@waybill/relocation';
import { detectLayout } from '@waybill/relocation';
import { readTree, type TreeItem } from '@waybill/core';
import { readNativeFiles, type NativeFile } from '../../../runtime/preparation/elf-index';

export interface NativeFacts {
  facts: BundleFacts;
  natives: readonly NativeFile[];
}

/** A tree with the ELF facts of its native files: what vendoring, search paths and the glibc floor are decided from. */
export async function readNativeFacts(root: string, platform: string): Promise<NativeFacts> {
  const items = await readTree(root);
  const natives = readNativeFiles(root, items.filter(({ kind }) => kind === 'file').map(({ path }) => path));
  const elf = new Map(natives.map((native) => [native.path, native.elf]));
  const entries = items.map((item) => withElf(item, elf.get(item.path)));
  return { natives, facts: { platform, entries, layout: detectLayout(entries) } };
}

const withElf = (item: TreeItem, elf: NativeFile['elf'] | undefined): BundleEntry => (elf === undefined ? item : { ...item, content: 'elf', elf });
