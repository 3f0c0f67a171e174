/** What a file or stream is: its digest and its length. */
export interface ContentDigest {
  /** Lower-case hex. */
  sha256: string;
  /** Bytes. */
  size: number;
}
