/** Names in `Requires-Dist` without a marker (core metadata): what stands behind `;` depends on the machine or on an extra. */
export function unconditionalRequirements(metadata: string): string[] {
  const [head = ''] = metadata.split(/\r?\n\r?\n/, 1);
  return [...head.matchAll(/^Requires-Dist:[ \t]*([A-Za-z0-9][\w.-]*)([^\r\n]*)/gim)].flatMap(([, name, rest]) =>
    rest!.includes(';') ? [] : [name!],
  );
}
