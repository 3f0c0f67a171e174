/** What a project says of itself before anything is built. */
export interface ProjectFacts {
  /** Name of the distribution as written; `undefined` when only the backend knows it. */
  distribution?: string;
  /** `hatchling.build`, `setuptools.build_meta`, … as pyproject.toml has it, or what PEP 517 says for projects without. */
  backend: string;
  /** `[build-system] requires`, as written. */
  requires: readonly string[];
  requiresPython?: string;
  /** The version stands in no manifest as such: the backend gets it handed over. */
  dynamicVersion: boolean;
  /** Its wheels hold compiled code. */
  native: 'yes' | 'no' | 'perhaps';
  /** Names of console scripts that the manifest declares. */
  scripts: readonly string[];
  hasPyproject: boolean;
  /** `pyproject.toml`, parsed; empty when there is none. */
  manifest: Table;
}

export type Table = Readonly<Record<string, unknown>>;

export const table = (value: unknown): Table => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {});
export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
