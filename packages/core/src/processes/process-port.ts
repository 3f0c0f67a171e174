/** A command to run: an argv array, never a shell string; the whole environment is given, nothing is inherited. */
export interface ProcessRequest {
  file: string;
  args: readonly string[];
  cwd?: string;
  env: Readonly<Record<string, string>>;
  /** Given on standard input; otherwise standard input is empty. */
  input?: string | Uint8Array;
  timeoutMs: number;
  /** Output beyond this many bytes per stream is an error (default 64 MiB). */
  maxOutputBytes?: number;
  uid?: number;
  gid?: number;
  /** Called with each whole line of standard error as it arrives (progress of long tools). */
  onStderrLine?: (line: string) => void;
}

export interface ProcessResult {
  /** `null` when a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  /** UTF-8, redacted. */
  stdout: string;
  stderr: string;
  durationMs: number;
}

/** Runs foreign programs. A non-zero exit is a result, not an exception; a program that cannot be started is `PROCESS_START`. */
export interface Processes {
  run(request: ProcessRequest): Promise<ProcessResult>;
  /** What is done to the programs' output; for those who show a command line. */
  redact?(text: string): string;
}
