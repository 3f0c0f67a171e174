import type { BundleEntry } from '../bundle-facts';
import { pythonApp } from '../testing/good-bundles';
import { alter, type Change, describeFindings, findingsOf } from '../testing/plant-fault';

const STDLIB = 'python/runtime/lib/python3.11';
const OS_PYC = `${STDLIB}/__pycache__/os.cpython-311.pyc`;

/** The source as a pyc of this magic number would have to name it, and what the pyc says. */
const hashed =
  (said: string, magic: number): Change =>
  (entries) =>
    entries.map((entry): BundleEntry => {
      if (entry.path === OS_PYC) return { ...entry, pyc: { ...entry.pyc!, sourceHash: said } };
      return entry.path === `${STDLIB}/os.py` ? { ...entry, sourceHash: { magic, hash: '1'.repeat(16) } } : entry;
    });
const found = (change: Change): string[] => describeFindings(findingsOf('bytecode', pythonApp(change)));

it('unchecked byte code of another text than its source', () => {
  expect(found(hashed('0'.repeat(16), 3495))).toEqual([
    expect.stringContaining(`error ${OS_PYC} The byte code is stale: it was made from another text`),
  ]);
});

it('byte code of its very source, and a source hashed for another Python', () => {
  expect([found(hashed('1'.repeat(16), 3495)), found(hashed('0'.repeat(16), 3439))]).toEqual([[], []]);
});

it('byte code that is cut off', () => {
  expect(found(alter(OS_PYC, ({ pyc }) => ({ pyc: { ...pyc!, damaged: true } })))).toEqual([
    expect.stringContaining(`error ${OS_PYC} The byte code is cut off or damaged`),
  ]);
});
