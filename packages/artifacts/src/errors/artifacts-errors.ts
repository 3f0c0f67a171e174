import { defineCatalog } from '@waybill/core';

/** Where a record or manifest was read: its path relative to the workspace, and the target that writes it (`project:target`). */
export interface Origin {
  /** What it is; a record unless said otherwise. */
  what?: 'record' | 'manifest' | 'description' | 'sums file' | undefined;
  path?: string | undefined;
  run?: string | undefined;
}

const at = ({ what = 'record', path }: Origin): string => (path ? `The ${what} \`${path}\`` : `The ${what}`);
const again = ({ run }: Origin): string => (run ? `run \`nx run ${run}\` again` : 'run the target that writes it again');

const schemaNumber = (schema: string): number => Number(/\d+$/.exec(schema)?.[0] ?? Number.NaN);
const writer = (actual: string, expected: string): string =>
  schemaNumber(actual) > schemaNumber(expected) ? 'a newer' : schemaNumber(actual) < schemaNumber(expected) ? 'an older' : 'another';

export const artifactsErrors = defineCatalog({
  RECORD_SYNTAX: (a: Origin & { reason: string }) => ({
    message: `${at(a)} is no JSON that Waybill reads: ${a.reason}`,
    fix: again(a),
  }),
  RECORD_SCHEMA: (a: Origin & { actual: string; expected: string }) => ({
    message: `${at(a)} was written by ${writer(a.actual, a.expected)} Waybill than the one that reads it`,
    details: [`expected schema \`${a.expected}\``, `actual schema \`${a.actual}\``],
    fix: `${again(a)} with the Waybill that is installed here: all its packages have one version`,
  }),
  RECORD_FIELD: (a: Origin & { field: string; expected: string; actual: string }) => ({
    message: `${at(a)} holds no usable \`${a.field}\``,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: again(a),
  }),
  RECORD_PATH: (a: Origin & { field: string; actual: string; reason: string }) => ({
    message: `${at(a)} names a path that Waybill does not follow in \`${a.field}\`: ${a.reason}`,
    details: ['expected a relative path with `/`, inside the folder of the record', `actual ${a.actual}`],
    fix: again(a),
  }),
  RECORD_DUPLICATE: (a: Origin & { name: string }) => ({
    message: `${at(a)} names \`${a.name}\` twice`,
    fix: again(a),
  }),
  RECORD_SUMS: (a: Origin & { line: number; reason: string }) => ({
    message: `${at({ what: 'sums file', ...a })} cannot be read: line ${a.line}: ${a.reason}`,
    fix: a.run ? again(a) : 'get it again from its source, or write it again with `sha256sum`',
  }),
  RECORD_NOT_PORTABLE: (a: { field: string; value: string; root: string }) => ({
    message: `The record would hold a path of this machine in \`${a.field}\``,
    details: [`expected a path relative to the workspace`, `actual \`${a.value}\`, which is below \`${a.root}\``],
    fix: 'this is a fault of Waybill or of the plugin that runs this stage: report it with `report.json`',
  }),
  OPTION_PLATFORM: (a: { platform: string }) => ({
    message: `\`${a.platform}\` is no platform`,
    details: [
      'expected `{linux,macos,windows}-{x86_64,aarch64}`, `-musl` behind it for musl systems, or `macos-universal2`',
      `actual \`${a.platform}\``,
    ],
    fix: 'name a platform such as `--platform=linux-x86_64`, or leave the option out to take the host’s',
  }),
  OPTION_HOST: (a: { host: string }) => ({
    message: `Waybill has no name for this machine, \`${a.host}\``,
    fix: 'run on Linux, macOS or Windows with an x86_64 or aarch64 processor and Node of the same kind',
  }),
  OPTION_NAME: (a: { what: string; value: string; reason: string }) => ({
    message: `The ${a.what} \`${a.value}\` cannot be a file name: ${a.reason}`,
    details: ['expected letters, digits, `.`, `_`, `+`, `-`; beginning with a letter or digit', `actual \`${a.value}\``],
    fix: 'set the option `name` (or `nameTemplate`) to a name that fits, such as `--name=pychat`',
  }),
  OPTION_NAME_TEMPLATE: (a: { template: string; token: string; known: readonly string[] }) => ({
    message: `The option \`nameTemplate\` holds the unknown token \`{${a.token}}\``,
    details: [`expected only ${a.known.map((token) => `\`{${token}}\``).join(', ')}`, `actual \`${a.template}\``],
    fix: 'use `--nameTemplate={name}-{version}-{os}-{arch}`',
  }),
  VERSION_FORM: (a: { version: string }) => ({
    message: `\`${a.version}\` is neither a PEP 440 nor a SemVer version`,
    details: ['expected a version such as `1.4.0`, `1.4.0rc1` or `1.4.0-rc.1`', `actual \`${a.version}\``],
    fix: 'correct it where it stands: in an option, the project’s manifest or a tag',
  }),
  VERSION_EPOCH: (a: { version: string }) => ({
    message: `The version \`${a.version}\` has an epoch, which no file name of a release can carry`,
    fix: `release without the epoch: \`--releaseVersion=${a.version.replace(/^v?\d+!/, '')}\``,
  }),
  VERSION_NO_SEMVER: (a: { version: string; reason: string }) => ({
    message: `The version \`${a.version}\` has no SemVer form: ${a.reason}`,
    fix: 'release it as a pre-release or a patch version, such as `--releaseVersion=1.4.1`',
  }),
  GRAPH_STAGE_UNKNOWN: (a: { stage: string }) => ({
    message: `\`${a.stage}\` is no row of the stage table`,
    fix: 'this is a fault of the plugin that defines the executor: report it',
  }),
});
