/** What `drive-imports.py` and `drive-launcher.py` say, one JSON line a fact. */
export interface DriverIdentity {
  version: string;
  prefix: string;
  base_prefix: string;
  executable: string;
  os_file: string;
  path: readonly string[];
  maps: readonly string[];
  cache_tag: string | null;
}

export interface ImportResult {
  module: string;
  path?: string;
  file?: string | null;
  error?: string;
  /** Name of a module that was not found. */
  missing?: string | null;
  /** Of an extension that failed without a word on it: the last module that its own code looked for and that is not there. */
  sought?: string | null;
  signal?: number;
  /** An extension that was loaded, and whose imports need it before it is ready: what Python said. */
  circle?: string;
}

export type ServiceResult = { service: string } & Readonly<Record<string, unknown>>;

export interface DriverReport {
  /** Where the bundle stood. */
  place: string;
  profile: 'host' | 'bare';
  identity?: DriverIdentity;
  extensions: readonly ImportResult[];
  declared: readonly ImportResult[];
  services: readonly ServiceResult[];
  /** It came to its end. */
  complete: boolean;
  /** Why it did not. */
  trouble?: string;
}

type Line = Readonly<Record<string, unknown>> & { nonce?: unknown; kind?: unknown };

/** The lines with our nonce: what the bundle prints by itself does not count. */
export function driverLines(stdout: string, nonce: string): Line[] {
  return stdout.split('\n').flatMap((text) => {
    if (!text.startsWith('{') || !text.includes(nonce)) return [];
    const value = JSON.parse(text) as Line;
    return value.nonce === nonce ? [value] : [];
  });
}

export function readDriverReport(
  stdout: string,
  nonce: string,
  at: Pick<DriverReport, 'place' | 'profile'>,
  trouble: string | undefined,
): DriverReport {
  const lines = driverLines(stdout, nonce);
  const of = <T>(kind: string): T[] => lines.filter((line) => line.kind === kind) as unknown as T[];
  const [identity] = of<DriverIdentity>('identity');
  const [broken] = of<{ message: string }>('broken');
  const complete = lines.some(({ kind }) => kind === 'end');
  const reason = broken?.message ?? (complete ? undefined : (trouble ?? 'it ended before its time'));
  return {
    ...at,
    ...(identity && { identity }),
    extensions: of<ImportResult>('extension'),
    declared: of<ImportResult>('declared'),
    services: of<ServiceResult>('service'),
    complete,
    ...(reason !== undefined && { trouble: reason }),
  };
}
