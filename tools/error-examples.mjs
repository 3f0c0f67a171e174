/**
 * Arguments for the page of an error whose text is mostly made of them: without these the page would read "`…` …". One entry for each usual case: the
 * arguments of the catalog's function, as the code gives them.
 */
const FINGERPRINT = 'node node_modules/@waybill/plugin-kit/dist/fingerprint/print-fingerprint.js';
const input = (line) => `add \`${JSON.stringify(line)}\` to the \`inputs\` of the target`;

export const ERROR_EXAMPLES = {
  ARCHIVE_DESTINATION: [
    { destination: '/tmp/look', reason: 'is not empty' },
    { destination: '/tmp/look.txt', reason: 'is no folder that can be used' },
  ],
  FILE_JSON: [
    { path: 'nx.json', reason: '`plugins` is no list', fix: 'write `"plugins": []`' },
    { path: 'nx.json', reason: 'it is not there', fix: 'run the generator in the root of an Nx workspace' },
  ],
  FILE_SYSTEM: [
    { call: 'open', path: 'dist/apps/server/package-linux', reason: 'the disk is full', fix: 'free some space and run the target again' },
    {
      call: 'mkdir',
      path: 'dist/apps/server',
      reason: 'access is denied',
      fix: 'give the user who runs the target access to the path, and run it again',
    },
    { call: 'open', path: '', reason: 'too many files are open', fix: 'raise the limit (`ulimit -n 4096`) and run the target again' },
  ],
  GRAPH_INPUT_UNDECLARED: [
    {
      target: 'chat:package-linux',
      option: 'binary',
      path: 'apps/chat/target/release/chat',
      reason: 'it is an output of `chat:build`, which the inputs leave out',
      fix: input({ dependentTasksOutputFiles: 'apps/chat/target/release/chat', transitive: true }),
    },
    {
      target: 'chat:package-linux',
      option: 'include',
      path: 'shared/logo.png',
      reason: 'none of its inputs covers it',
      fix: input('{workspaceRoot}/shared/logo.png'),
    },
    { target: 'chat:build-wheel', option: 'passEnv', path: 'CC', reason: 'the hash does not know its value', fix: input({ env: 'CC' }) },
    {
      target: 'chat:package-linux',
      option: 'runtime.path',
      path: '/opt/python/bin/python3',
      reason: 'it lies outside of the workspace',
      fix: `${input({ runtime: `${FINGERPRINT} /opt/python/bin/python3` })}, put the file into the workspace, or set \`"cache": false\` on the target`,
    },
  ],
  GRAPH_TOOL_FINGERPRINT: [
    {
      target: 'chat:package-linux',
      problems: [`expected the runtime input \`${FINGERPRINT}\``, 'actual none: a change of a tool would replay an old result'],
      fix: `add \`"waybillTools"\` to the \`inputs\` of the target, and \`"waybillTools": [{ "runtime": "${FINGERPRINT}" }]\` to \`namedInputs\` in nx.json`,
    },
    {
      target: 'chat:package-linux',
      problems: ['`patchelf`: the fingerprint says 0.17.2, the target uses 0.18.0'],
      fix: 'name the tool by its variable or put it on PATH instead of naming it in an option; both are seen by the fingerprint',
    },
  ],
  NETWORK_FAILED: [
    {
      to: 'https://releases.example.org',
      reason: 'the connection was dropped (ECONNRESET)',
      fix: 'run it again: what was done already is seen and not repeated; if it stays, look at the network between here and the server',
    },
    {
      to: 'https://relases.example.org',
      reason: 'there is no server of that name (ENOTFOUND)',
      fix: 'correct the address in the option or variable that names the server, or the name service of this machine',
    },
  ],
  OPTION_SOURCE_COMMIT: [
    {
      project: 'chat',
      reason: 'the clone is shallow',
      fix: 'fetch all commits with `git fetch --unshallow` (`fetch-depth: 0` in actions/checkout)',
    },
    { project: 'chat', reason: 'this is no git repository', fix: 'leave out `--sourceDate=commit`, or set SOURCE_DATE_EPOCH' },
  ],
  PROCESS_START: [
    { file: '/opt/tools/patchelf', reason: '`/opt/tools/patchelf` is not executable', fix: '`chmod +x /opt/tools/patchelf`' },
    { file: '/opt/tools', reason: '`/opt/tools` is a folder', fix: 'name a program' },
  ],
};

/** Guide for the codes that begin so; the first that fits counts. */
export const GUIDES = [
  [/^(BUNDLE_SMOKE_|SIGN_UNPROVED|CHECKSUM_(UNPROVED|PROOF_))/, 'when-the-proof-is-red', 'when the proof is red'],
  [/^(BUNDLE|OPTION_RUNTIME|OPTION_LAUNCHER|OPTION_ENTRY)/, 'package-an-app', 'package an application'],
  [/^WHEEL_/, 'build-wheels', 'build wheels'],
  [/^VERSION_/, 'version-python-projects', 'versions with nx release'],
  [/^NOTARIZE_|^SIGN_(APP|ENTITLEMENTS|SEAL)/, 'sign-and-notarize-for-macos', 'sign and notarize for macOS'],
  [/^SIGN_(PE_|NO_PE|CERTIFICATE|TIMESTAMP)/, 'sign-for-windows', 'sign for Windows'],
  [/^SIGN_/, 'sign-on-linux', 'sign on Linux'],
  [/^VERIFY_|^CHECKSUM_/, 'verify-a-release', 'verify a release'],
  [/^PUBLISH_TAKEN_BACK/, 'take-a-release-back', 'take a release back'],
  [/^PUBLISH_S3/, 'publish-to-s3', 'publish to S3'],
  [/^PUBLISH_GITHUB/, 'publish-to-github', 'publish to GitHub'],
  [/^PUBLISH_OCI/, 'publish-to-an-oci-registry', 'publish to an OCI registry'],
  [/^PUBLISH_(INDEX|TRUSTED|TWINE|ATTESTATION|NO_PYTHON)/, 'publish-to-pypi', 'publish to PyPI'],
  [/^PUBLISH_FOLDER/, 'publish-to-a-folder', 'publish to a folder'],
  [/^(PUBLISH|GRAPH_WORKFLOW)_/, 'release-from-ci', 'release from CI'],
  [/^(GRAPH|OPTION)_/, 'what-to-commit', 'what to commit, what the cache does'],
];
