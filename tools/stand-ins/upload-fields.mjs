/** What the public indexes say of an upload whose fields are missing, wrong, or not those of its file; `undefined` of a good one. */
const METADATA_VERSIONS = ['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5'];
/** Platforms of which nobody else's machine can be sure. */
const OWN_LINUX = /-(linux_[a-z0-9_]+)\.whl$/;

const normalised = (name) => name.replace(/[-_.]+/g, '-').toLowerCase();

/** @param {(name: string) => string | undefined} field @param {string} file @param {readonly string[]} held names of files of the project */
export function faultOfFields(field, file, held) {
  const isWheel = file.endsWith('.whl');
  const [name, version] = isWheel ? file.split('-') : (/^(.+)-([^-]+)\.(?:tar\.gz|zip)$/.exec(file) ?? []).slice(1);
  const rules = [
    [field(':action') === 'file_upload', 'Invalid action'],
    [field('protocol_version') === '1', 'Unknown protocol version.'],
    [METADATA_VERSIONS.includes(field('metadata_version')), `'${field('metadata_version')}' is not a valid metadata version`],
    [name !== undefined, 'Invalid file extension: Use .tar.gz, .whl or .zip extension.'],
    [field('filetype') === (isWheel ? 'bdist_wheel' : 'sdist'), 'Invalid distribution file type'],
    [isWheel ? Boolean(field('pyversion')) : field('pyversion') === 'source', "Use 'source' as Python version for an sdist."],
    [normalised(name ?? '') === normalised(field('name') ?? ''), `Start filename for '${field('name')}' with its name`],
    [version === field('version'), `Version in filename should be '${field('version')}' not '${version}'.`],
    [!field('version')?.includes('+'), `The use of local versions in <Version('${field('version')}')> is not allowed.`],
    [!OWN_LINUX.test(file), `Binary wheel '${file}' has an unsupported platform tag '${OWN_LINUX.exec(file)?.[1]}'.`],
    [
      isWheel || !held.some((other) => other !== file && !other.endsWith('.whl') && other.includes(`-${version}.`)),
      'Only one sdist may be uploaded per release.',
    ],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}
