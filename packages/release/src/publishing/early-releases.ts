import type { NxRelease } from '@waybill/plugin-kit';

/** A line of nx.json by which `nx release` itself makes a release public: at once, before its files exist. */
export interface EarlyRelease {
  /** Example: `release.changelog.projectChangelogs.createRelease`. */
  place: string;
  value: unknown;
}

export function earlyReleases(release: NxRelease): readonly EarlyRelease[] {
  const changelogs = (release.changelog ?? {}) as { workspaceChangelog?: unknown; projectChangelogs?: unknown };
  const places: [string, unknown][] = [
    ['release.changelog.workspaceChangelog', changelogs.workspaceChangelog],
    ['release.changelog.projectChangelogs', changelogs.projectChangelogs],
    ...Object.entries(release.groups ?? {}).map(([name, { changelog }]): [string, unknown] => [`release.groups.${name}.changelog`, changelog]),
  ];
  return places.flatMap(([place, settings]) => {
    const value = (settings as { createRelease?: unknown } | null | undefined)?.createRelease;
    return value === undefined || value === false ? [] : [{ place: `${place}.createRelease`, value }];
  });
}
