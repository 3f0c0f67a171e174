import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file's content, or a link's target behind `-> `. */
export type TreeSpec = Readonly<Record<string, string | Buffer>>;

/** Writes files (mode 0644; a name that ends in `!` gets 0755) and links below a folder. */
export function writeTree(root: string, tree: TreeSpec): void {
  for (const [name, content] of Object.entries(tree)) {
    const executable = name.endsWith('!');
    const file = join(root, executable ? name.slice(0, -1) : name);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> ')) symlinkSync(content.slice(3), file);
    else writeFileSync(file, content, { mode: executable ? 0o755 : 0o644 });
  }
}
