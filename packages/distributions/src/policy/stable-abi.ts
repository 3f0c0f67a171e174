import table from './stable-abi.json';

/** Name → minor version of Python 3 from which on it is in the stable ABI. */
const ADDED: ReadonlyMap<string, number> = new Map(
  Object.entries(table.symbols).flatMap(([series, lines]) =>
    lines.flatMap((line) => line.split(' ').map((name): [string, number] => [name, Number(series.split('.')[1])])),
  ),
);

/** What CPython names its own symbols, and nobody else should. */
const OF_PYTHON = /^_?Py([A-Z][A-Za-z0-9]*)?_/;
/** What an extension module exports for the interpreter. */
const OF_EXTENSIONS = /^Py(Init|ModExport)U?_/;

/** Why an extension for the stable ABI of Python 3.`minor` may not import a symbol; `undefined` when it may, or when the symbol is none of Python's. */
export function stableAbiFault(symbol: string, minor: number): string | undefined {
  if (!OF_PYTHON.test(symbol) || OF_EXTENSIONS.test(symbol)) return undefined;
  const added = ADDED.get(symbol);
  if (added === undefined) return 'is not in the stable ABI';
  return added > minor ? `is in the stable ABI only since Python 3.${added}` : undefined;
}
