import type { WheelFile } from './core-metadata';
import { headerValues, readHeaders, unfold } from './read-headers';

/** Reads WHEEL (https://packaging.python.org/specifications/binary-distribution-format). Never throws: what is wrong is in `faults`. */
export function parseWheelFile(text: string): { wheel: WheelFile; faults: readonly string[] } {
  const { headers, faults } = readHeaders(text);
  const one = (name: string): string | undefined => headerValues(headers, name).map(unfold).find(Boolean);
  const [wheelVersion, generator, purelib, build] = ['Wheel-Version', 'Generator', 'Root-Is-Purelib', 'Build'].map(one);
  const rootIsPurelib = purelib === undefined ? undefined : PURELIB.get(purelib.toLowerCase());
  return {
    wheel: {
      ...(wheelVersion === undefined ? {} : { wheelVersion }),
      ...(generator === undefined ? {} : { generator }),
      ...(rootIsPurelib === undefined ? {} : { rootIsPurelib }),
      tags: headerValues(headers, 'Tag').map(unfold).filter(Boolean),
      ...(build === undefined ? {} : { build }),
    },
    faults: purelib !== undefined && rootIsPurelib === undefined ? [...faults, '`Root-Is-Purelib` is neither `true` nor `false`'] : faults,
  };
}

const PURELIB: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
