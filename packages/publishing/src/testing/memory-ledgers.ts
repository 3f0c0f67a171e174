import type { LedgerKey, LedgerStore } from '../ledger/ledger-store';

export interface MemoryLedgers extends LedgerStore {
  /** By id of the destination. */
  readonly texts: Map<string, string>;
}

/** Ledgers in memory. `onAppend` is called when a line is on the disk, and may throw, as a kill does. */
export function memoryLedgers(onAppend: (line: string) => void = () => undefined): MemoryLedgers {
  const texts = new Map<string, string>();
  const placeOf = ({ destination }: LedgerKey): string => `.waybill/ledger/${destination}.jsonl`;
  return {
    texts,
    placeOf,
    versions: async () => [],
    read: async ({ destination }) => texts.get(destination),
    async open({ destination }) {
      const text = (texts.get(destination) ?? '').replace(/[^\n]+$/, '');
      texts.set(destination, text);
      const append = async (line: string): Promise<void> => {
        texts.set(destination, `${texts.get(destination)!}${line}\n`);
        onAppend(line);
      };
      return { text, append };
    },
    async setAside({ destination }) {
      texts.set(`${destination}.old`, texts.get(destination)!);
      texts.delete(destination);
    },
  };
}
