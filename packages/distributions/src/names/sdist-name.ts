/** An sdist's file name taken apart (PEP 625): the version has no dash, the name may, as older backends write it. */
export function parseSdistName(fileName: string): { name: string; version: string } | undefined {
  const groups = /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)-(?<version>[A-Za-z0-9._!+]+)\.tar\.gz$/.exec(fileName)?.groups;
  return groups === undefined ? undefined : { name: groups.name!, version: groups.version! };
}
