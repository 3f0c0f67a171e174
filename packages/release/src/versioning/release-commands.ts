import { checkVersion } from '@waybill/artifacts';
import { pullCommand } from '@waybill/publishing';

/** Destination of `publish`, as project.json has it. */
export interface NamedDestination {
  type?: unknown;
  repository?: unknown;
}

export interface CommandsRequest {
  project: string;
  /** Name on the index, when the project has one. */
  distribution?: string | undefined;
  /** Either form. */
  version: string;
  tag: string;
  /** `to` of the project's publish target. */
  destinations: readonly NamedDestination[];
  /** Of a key that signs, as users pass it to `--fingerprint`. */
  fingerprint?: string | undefined;
}

export interface ReleaseCommands {
  install: readonly string[];
  verify: readonly string[];
}

/** Names of indexes that pip needs no address for. */
const PUBLIC_INDEX = /^pypi$/;

/** Types of destinations that people get releases from by a command. */
const SHOWN: ReadonlySet<string> = new Set(['index', 'github-release', 'oci']);

/** The commands that get a release and check it: of each destination that people can get it from. Nothing is made up for others. */
export function releaseCommands(request: CommandsRequest): ReleaseCommands {
  const { project, distribution, tag, destinations } = request;
  // A project that is no Python project may have any version of SemVer.
  if (!destinations.some(({ type }) => typeof type === 'string' && SHOWN.has(type))) return { install: [], verify: [] };
  const version = checkVersion(request.version);
  const folder = `${project}-${version}`;
  const install = destinations.flatMap(({ type, repository }) => {
    if (type === 'index' && distribution !== undefined) {
      // what goes elsewhere may have a namesake there that somebody else put up
      const isPublic = typeof repository === 'string' && PUBLIC_INDEX.test(repository);
      return isPublic ? [`pip install ${distribution}==${version}`] : [];
    }
    if (type === 'github-release')
      return [`gh release download ${tag}${typeof repository === 'string' ? ` --repo ${repository}` : ''} --dir ${folder}`];
    return type === 'oci' && typeof repository === 'string' ? [pullCommand(repository, version, folder)] : [];
  });
  const isDownloaded = install.some((command) => command.endsWith(` --dir ${folder}`) || command.includes(` --output ${folder} `));
  const key = request.fingerprint === undefined ? '<key>' : quoted(request.fingerprint);
  const verify = isDownloaded ? [`npx @waybill/verify ${folder} --fingerprint=${key} --project=${project} --version=${version}`] : [];
  return { install: [...new Set(install)], verify };
}

/** An identity of sigstore has spaces, and `*` for a shell to replace. */
const quoted = (text: string): string => (/^[\w+/=:.-]*$/.test(text) ? text : `'${text.replaceAll("'", '')}'`);

/** A section of Markdown; empty when there is nothing to say. */
export function commandSections({ install, verify }: ReleaseCommands): readonly string[] {
  const section = (title: string, commands: readonly string[]): readonly string[] =>
    commands.length === 0 ? [] : [`### ${title}\n\n\`\`\`sh\n${commands.join('\n')}\n\`\`\``];
  return [...section('Install', install), ...section('Verify', verify)];
}
