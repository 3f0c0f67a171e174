/** Whose ledger it is. */
export interface LedgerKey {
  project: string;
  version: string;
  /** Id of the destination. */
  destination: string;
}

/** A ledger that is written to, by one run at a time. */
export interface OpenLedger {
  /** Whole lines that stood there; a torn last line was cut off. Empty when there was none. */
  text: string;
  /** Adds one line. It is on the disk when the promise resolves. */
  append(line: string): Promise<void>;
}

/** Where ledgers are kept: outside of every target's outputs, so that no cache and no clean-up brings an old one back or takes one away. */
export interface LedgerStore {
  /** The text, torn last line and all, or `undefined` when there is no ledger. Reads only. */
  read(key: LedgerKey): Promise<string | undefined>;
  open(key: LedgerKey): Promise<OpenLedger>;
  /** Moves a ledger out of the way. It is kept. */
  setAside(key: LedgerKey): Promise<void>;
  /** Of which a project has ledgers, as they are spelt. Reads only. */
  versions(project: string): Promise<readonly string[]>;
  /** How people find it: a path in the workspace. */
  placeOf(key: LedgerKey): string;
}
