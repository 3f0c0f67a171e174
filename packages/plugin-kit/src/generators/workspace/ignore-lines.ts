import type { GeneratorTree } from '../generator-tree';

/** Any of these says the same of git. */
const DIST = /^\/?(\*\*\/)?dist(\/(\*\*?)?)?$/;

/** What is built is neither committed nor formatted. A file of the formatter is only added to when it is there. */
export function addIgnoreLines(tree: GeneratorTree): readonly string[] {
  return ['.gitignore', '.prettierignore'].flatMap((file) => {
    const text = tree.exists(file) ? tree.read(file, 'utf8')! : undefined;
    if (text === undefined && file !== '.gitignore') return [];
    if ((text ?? '').split(/\r?\n/).some((line) => DIST.test(line.trim()))) return [];
    tree.write(file, `${text ?? ''}${text && !text.endsWith('\n') ? '\n' : ''}/dist/\n`);
    return [`+ ${file}: /dist/`];
  });
}
