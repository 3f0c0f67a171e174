/** What a catalog says for one code: `message` and `fix` are one sentence each, no full stop, literals in backticks. */
export interface ErrorText {
  message: string;
  /** An exact command or option that mends it, or the admission that it is our bug. */
  fix: string;
  /** Further lines: `expected …`, `actual …`, then the foreign tool's own output, verbatim and redacted, last. */
  details?: readonly string[];
}

/** The one error class of Waybill. Everything a user sees as a failure is one of these; anything else is our bug. */
export class WaybillError extends Error {
  override readonly name = 'WaybillError';
  readonly code: string;
  readonly fix: string;
  readonly details: readonly string[];

  constructor(code: string, text: ErrorText, options?: { cause?: unknown }) {
    super(text.message, options);
    this.code = code;
    this.fix = text.fix;
    this.details = text.details ?? [];
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type CatalogEntries = Record<string, (args: any) => ErrorText>;

/** One catalog file per package: code (`AREA_WHAT`, never reused) → pure function → text. */
export interface Catalog<T extends CatalogEntries> {
  readonly entries: T;
  error<K extends keyof T & string>(code: K, args: Parameters<T[K]>[0], options?: { cause?: unknown }): WaybillError;
}

export function defineCatalog<T extends CatalogEntries>(entries: T): Catalog<T> {
  return {
    entries,
    error: (code, args, options) => new WaybillError(code, entries[code]!(args), options),
  };
}
