import { defineCatalog } from '@waybill/core';

/** What generators refuse. Nothing is written then. */
export const generatorErrors = defineCatalog({
  FILE_JSON: (a: { path: string; reason: string; fix: string }) => ({
    message: `\`${a.path}\` cannot be changed by a generator: ${a.reason}`,
    fix: a.fix,
  }),
  FILE_READ_ONLY: (a: { paths: readonly string[] }) => ({
    message: `${a.paths.map((path) => `\`${path}\``).join(', ')} would be changed, but must not be written`,
    fix: 'make it writable (`chmod u+w`) and run the generator again; nothing was changed',
  }),
  GRAPH_PROJECT_UNKNOWN: (a: { name: string; near: string | undefined; known: readonly string[] }) => ({
    message: `The workspace has no project \`${a.name}\`${a.near === undefined ? '' : `; is \`${a.near}\` meant?`}`,
    details: [a.known.length === 0 ? 'the workspace has no projects' : `the workspace has ${a.known.join(', ')}`],
    fix: 'name a project as `nx show projects` does; a folder becomes one with a project.json: `{ "name": "app" }`',
  }),
  OPTION_DESTINATION: (a: { text: string; expected: readonly string[] }) => ({
    message: `\`${a.text}\` is no destination of releases`,
    details: a.expected.map((form) => `expected ${form}`),
    fix: 'give one of these, or several with commas between them: `--destinations=folder,github-release`',
  }),
  OPTION_KIND: (a: { project: string; problem: string }) => ({
    message: `The kind of \`${a.project}\` cannot be told, or does not fit: ${a.problem}`,
    fix: 'add the manifest that is missing, or give the kind that fits: `--kind=library`, `--kind=python-app` or `--kind=embedded-app`',
  }),
  GRAPH_DISTRIBUTION_NAME: (a: { path: string }) => ({
    message: `\`${a.path}\` gives the distribution no name`,
    fix: `add \`name = "…"\` to \`[project]\` in \`${a.path}\``,
  }),
  GRAPH_DISTRIBUTION_TWICE: (a: { name: string; one: string; other: string }) => ({
    message: `Two projects of the workspace make the distribution \`${a.name}\`, so their wheels and edges cannot be told apart`,
    details: [`one by ${a.one}`, `the other by ${a.other}`],
    fix: 'give one of them another name in its pyproject.toml',
  }),
  GRAPH_CYCLE: (a: { cycle: readonly string[] }) => ({
    message: 'Local packages need one another in a circle, so none can be built first',
    details: [a.cycle.join(' → ')],
    fix: 'take one of these dependencies out, or move what is shared into a package of its own; what only tests need belongs in `[dependency-groups]`',
  }),
  GRAPH_TARGET_TAKEN: (a: { project: string; taken: readonly string[] }) => ({
    message: `\`${a.project}\` has targets of its own under names that a release needs`,
    details: a.taken,
    fix: 'give them other names, or take them out (`nx-release-publish` can be one alone), and run the generator again; nothing was changed',
  }),
  GRAPH_NATIVE_TARGET: (a: { project: string; target: string; known: readonly string[] }) => ({
    message: `\`${a.project}\` has no target \`${a.target}\` that builds its native program`,
    details: [a.known.length === 0 ? 'it has no targets' : `it has ${a.known.join(', ')}`],
    fix: 'name it with `--nativeTarget=…`, or add one: `"build": { "executor": "nx:run-commands", "outputs": ["{projectRoot}/target/release/…"], "options": { "command": "cargo build --release", "cwd": "{projectRoot}" } }`',
  }),
  OPTION_ENTRY: (a: { project: string; root: string; module: string; found: readonly string[]; script: string | undefined }) => ({
    message: `Nobody can tell which module of \`${a.project}\` starts the program`,
    details: [a.found.length === 0 ? 'no folder in it has `__main__.py`' : `\`__main__.py\` is in ${a.found.join(', ')}`],
    fix: `add \`__main__.py\` to the folder of \`${a.module}\`, which \`python -m ${a.module}\` starts${a.script === undefined ? '' : `; for what \`[project.scripts]\` starts: \`${a.script}\``}`,
  }),
  OPTION_REQUIREMENTS: (a: { project: string; root: string; needs: readonly string[]; locals: readonly { name: string; root: string }[] }) => ({
    message: `\`${a.project}\` needs packages of the index, but has no requirements locked by hash`,
    details: [
      `it needs ${a.needs.join(', ')}`,
      ...(a.locals.length === 0
        ? []
        : [`${a.locals.map(({ name }) => name).join(', ')} of this workspace must not be in the lock: their wheels come from \`build-wheel\``]),
    ],
    fix: `lock them: \`${lockCommand(a.root, a.locals)}\` (\`pip install uv\` where there is none)`,
  }),
  OPTION_PLATFORM_UNMADE: (a: { unmade: readonly string[]; here: string; what: string }) => ({
    message: `Waybill cannot make ${a.what} for ${a.unmade.join(', ')} on this machine yet`,
    details: [`expected ${a.here.startsWith('linux') ? a.here : 'a Linux machine'}`, `actual ${a.unmade.join(', ')}`],
    fix: 'leave `--platforms` out on a Linux machine of the architecture that you want',
  }),
  OPTION_DIRECTORY: (a: { directory: string; problem: string }) => ({
    message: `\`${a.directory}\` cannot hold a new project: ${a.problem}`,
    fix: 'name a folder of the workspace that is not there yet, such as `apps/hello`',
  }),
  OPTION_PROJECT_NAME: (a: { name: string; problem: string }) => ({
    message: `A new project cannot be called \`${a.name}\``,
    details: [`expected ${a.problem}`, `actual \`${a.name}\``],
    fix: 'give another one: `--name=hello`',
  }),
});

/** uv finds packages of the workspace in their folders, which it reads beside the manifest: no index has them. */
function lockCommand(root: string, locals: readonly { name: string; root: string }[]): string {
  const folders = locals.length === 0 ? '' : `printf '${locals.map((local) => `./${local.root}\\n`).join('')}' | `;
  const without = locals.map(({ name }) => `--no-emit-package ${name} `).join('');
  const more = locals.length === 0 ? '' : ' -';
  return `${folders}uv pip compile --universal --generate-hashes ${without}--output-file ${root}/requirements.lock ${root}/pyproject.toml${more}`;
}
