/** What a distribution is held to. */
export interface DistributionPolicy {
  /** The project's name and version; absent: not compared. */
  name?: string;
  version?: string;
  /** `warn` makes warnings of what `strict` (the default) makes errors, in metadata and description. */
  metadata?: 'strict' | 'warn';
  /** `false`: it goes into a bundle and to no index; what a page there would lack is no finding. Default: true. */
  ships?: boolean;
}
