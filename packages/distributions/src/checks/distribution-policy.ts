/** What a distribution is held to. */
export interface DistributionPolicy {
  /** The project's name and version; absent: not compared. */
  name?: string;
  version?: string;
  /** `warn` makes warnings of what `strict` (the default) makes errors, in metadata and description. */
  metadata?: 'strict' | 'warn';
}
