/** What uv, and what pip prints for a requirement of which there is nothing, or nothing that fits. */
const LACKING_BY_UV = [
  /was not found in the (?:provided package locations|cache) and you require ([^,\n]+?)(?:,| and )/,
  /Because (\S+) was not found in the (?:provided package locations|cache)/,
  /and you require ([^,\n]+?)(?:,| and )/,
];
const LACKING_BY_PIP = [/Could not find a version that satisfies the requirement (.+?) \(from/];
/** From here on it is the backend that speaks. */
const BACKEND_BEGINS = /^\* (?:Building|Getting build dependencies) /m;
const DIGESTS: readonly RegExp[] = [
  /Hash mismatch for `(?<what>[^`]+)`\s+Expected:\s+(?<expected>[\s\S]+?)\s+Computed:\s+(?<actual>\S+)/,
  /^ +(?<what>\S+) from .*:\n +Expected (?<expected>[\s\S]+?)\n +Got +(?<actual>\S+)/m,
];

/** The requirement of which the installer that a frontend calls (`tool`: its id) found nothing. */
export function lackingIn(output: string, tool: string): string | undefined {
  const patterns = tool === 'uv' ? LACKING_BY_UV : LACKING_BY_PIP;
  const before = output.split(BACKEND_BEGINS)[0]!;
  return patterns.map((pattern) => pattern.exec(before)?.[1]).find((what) => what !== undefined);
}

/** What uv says of a requirement whose wheels are for other Pythons or systems. */
const MISFIT = /Because (\S+) has no wheels with a matching /;
/** The requirement that has wheels, but none for this Python or system. */
export const misfitIn = (output: string): string | undefined => MISFIT.exec(output)?.[1];

/** What uv says of a requirement that it could only build, and must not. pip says that it found nothing. */
const UNBUILT = [/Because (\S+) has no usable wheels/, /Wheels are required for `([^`]+)` because building from source is disabled/];

/** The requirement of which there is an sdist alone, where none may be built. */
export const unbuiltIn = (output: string): string | undefined =>
  UNBUILT.map((pattern) => pattern.exec(output)?.[1]).find((what) => what !== undefined);

/** A distribution that is not the one that the lock names, with both digests. */
export function digestFaultIn(output: string): { what: string; expected: string; actual: string } | undefined {
  const found = DIGESTS.map((pattern) => pattern.exec(output)?.groups).find((groups) => groups !== undefined);
  return found && { what: found['what']!, expected: found['expected']!.replace(/\s+/g, ' '), actual: found['actual']! };
}
