/** What is repacked. Paths absolute; `output` is another file than `input`. */
export interface RepackRequest {
  input: string;
  output: string;
  /** Every member's time. */
  mtimeSeconds: number;
  /** Wheels: folders of the build; where a generated SBOM names one, `.` stands instead. */
  buildPaths?: readonly string[];
}

export interface Repacked {
  size: number;
  /** Lower-case hex. */
  sha256: string;
  /** Paths of members whose content changed, RECORD among them; sorted. */
  changed: readonly string[];
}
