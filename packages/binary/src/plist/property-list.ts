/** What a property list holds. Dates are texts in ISO 8601, data are bytes, UIDs of keyed archives numbers. */
export type PropertyListValue = string | number | bigint | boolean | Uint8Array | readonly PropertyListValue[] | PropertyListDictionary;
/** Keys as they stand there; a key that stands twice is refused. */
export type PropertyListDictionary = ReadonlyMap<string, PropertyListValue>;

/** How much a property list may hold. CodeResources of large applications have some 20,000 entries and 10 MiB. */
export const PLIST_LIMITS = {
  bytes: 64 * 1024 * 1024,
  values: 500_000,
  depth: 64,
} as const;

/** Seconds between 1970 and 2001, from which Apple counts. */
export const APPLE_EPOCH_SECONDS = 978_307_200;

/** Where the members of lists and dictionaries are counted, so that shared ones cannot multiply. */
export class ValueCounter {
  private count = 0;

  constructor(private readonly refuse: (message: string) => Error) {}

  /** One more value, at this depth. */
  enter(depth: number): void {
    this.count += 1;
    if (this.count > PLIST_LIMITS.values) throw this.refuse(`more than ${PLIST_LIMITS.values} values`);
    if (depth > PLIST_LIMITS.depth) throw this.refuse(`values more than ${PLIST_LIMITS.depth} deep`);
  }
}
