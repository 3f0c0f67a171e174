import { join } from 'node:path';
import { createProjectGraphAsync, readJsonFile, workspaceRoot, type ProjectGraphProjectNode } from '@nx/devkit';
import { declaredName, tagPatternOf, type NxGraph, type NxJson } from '@waybill/plugin-kit';
import { DefaultChangelogRenderer } from './nx-release';
import { table } from './read-manifests';
import { commandSections, releaseCommands, type NamedDestination } from './release-commands';

/**
 * Nx's changelog with the commands that install the version and check it, from the destinations of the project's `publish` target. Of the
 * workspace's own changelog, which is about no single project, nothing is added. `renderOptions.fingerprint` names the key that signs.
 */
export class WaybillChangelogRenderer extends DefaultChangelogRenderer {
  override async render(): Promise<string> {
    const changelog = await super.render();
    if (changelog === '' || this.project === null) return changelog;
    const graph = await createProjectGraphAsync({ exitOnError: false });
    const node = graph.nodes[this.project];
    return node === undefined ? changelog : [changelog, ...this.#sections(node, graph as unknown as NxGraph)].join('\n\n');
  }

  #sections(node: ProjectGraphProjectNode, graph: NxGraph): readonly string[] {
    const destinations = destinationsOf(node);
    const fingerprint = (this.changelogRenderOptions as Record<string, unknown>)['fingerprint'];
    const version = this.changelogEntryVersion;
    const { release = {} } = readJsonFile<NxJson>(join(workspaceRoot, 'nx.json'));
    return commandSections(
      releaseCommands({
        project: node.name,
        distribution: declaredName(join(workspaceRoot, node.data.root)),
        version,
        tag: tagPatternOf(release, node.name, graph).replaceAll('{version}', version),
        destinations,
        ...(typeof fingerprint === 'string' && { fingerprint }),
      }),
    );
  }
}

function destinationsOf({ data }: ProjectGraphProjectNode): readonly NamedDestination[] {
  const to: unknown = (data.targets?.['publish']?.options as { to?: unknown } | undefined)?.to;
  return Array.isArray(to) ? to.map((entry) => table(entry) as NamedDestination) : [];
}
