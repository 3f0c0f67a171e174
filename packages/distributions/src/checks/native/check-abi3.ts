import type { NativeMember, WheelFacts } from '../../distribution-facts';
import { parseWheelName } from '../../names/wheel-name';
import { stableAbiFault } from '../../policy/stable-abi';
import type { FindingList } from '../finding-list';
import { PYTHON_DLL } from './check-windows-tags';
import { extensionName } from './extension-modules';

/** Told with each file; the number says how many more. */
const SHOWN = 5;

/** `abi3`: extension modules of a wheel for the stable ABI, of whatever format, import nothing of Python beyond it (Misc/stable_abi.toml), nor what came after the version of the tag. */
export function checkAbi3(facts: WheelFacts, list: FindingList): void {
  const name = parseWheelName(facts.fileName);
  if (name === undefined || !name.abiTags.some((tag) => /^abi3t?$/.test(tag))) return;
  const minor = Math.min(...name.pythonTags.map((tag) => Number(/^cp3(\d*)$/.exec(tag)?.[1] || 2)));
  const carried = new Set(facts.natives.flatMap(definedIn));
  for (const native of facts.natives) {
    if (extensionName(native) === undefined) continue;
    const faults = importedBy(native)
      .filter((name) => !carried.has(name))
      .flatMap((name) => {
        const fault = stableAbiFault(name, minor);
        return fault === undefined ? [] : [`\`${name}\` ${fault}`];
      });
    if (faults.length === 0) continue;
    const more = faults.length > SHOWN ? ` and ${faults.length - SHOWN} more` : '';
    list.error('abi3', native.path, `The wheel promises the stable ABI of Python 3.${minor}, and the module imports what is not in it`, {
      expected: `symbols of the stable ABI of Python 3.${minor}`,
      actual: `${faults.slice(0, SHOWN).join(', ')}${more}`,
      fix: `compile with \`Py_LIMITED_API=0x03${minor.toString(16).padStart(2, '0')}0000\` (PyO3: the feature \`abi3-py3${minor}\`), or tag the wheel for the versions it is for`,
    });
  }
}

type SymbolFacts = { name: string; defined: boolean; weak: boolean };

const symbolsOf = ({ elf, machoSymbols }: NativeMember): readonly SymbolFacts[] => elf?.symbols ?? machoSymbols ?? [];
const definedIn = (native: NativeMember): string[] => symbolsOf(native).flatMap(({ name, defined }) => (defined ? [name] : []));

/** Names that the module must find when it is loaded, once each. Windows has them by library: those of Python's own. */
function importedBy(native: NativeMember): readonly string[] {
  const names = symbolsOf(native).flatMap(({ name, defined, weak }) => (defined || weak ? [] : [name]));
  const libraries = [...(native.pe?.imports ?? []), ...(native.pe?.delayImports ?? [])].filter(({ library }) => PYTHON_DLL.test(library));
  const byLibrary = libraries.flatMap(({ symbols }) => symbols.flatMap((symbol) => ('name' in symbol ? [symbol.name] : [])));
  return [...new Set([...names, ...byLibrary])];
}
