/**
 * `xcrun notarytool` 1.0.0 as it answers, for machines that are no Macs: `node xcrun.mjs <folder> <arguments…>`. In the folder lie `state.json` (what the service knows,
 * and how it is to behave: `profile`, `key`, `inProgress`, `status`, `issues`, `faults`) and `calls.jsonl`, what it was called with. It refuses what is not a whole command
 * line, and every password or key that stands on it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

const [folder, ...args] = process.argv.slice(2);
const stateFile = join(folder, 'state.json');
const state = { submissions: [], faults: [], inProgress: 0, status: 'Accepted', issues: null, ...JSON.parse(readFileSync(stateFile, 'utf8')) };
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ args, environment: process.env })}\n`);

/** Most of its faults end so. */
const UNAVAILABLE = 69;
const USAGE = 64;
function die(text, code = UNAVAILABLE) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
function answer(value) {
  writeFileSync(stateFile, JSON.stringify(state));
  process.stdout.write(`${JSON.stringify(value)}\n`);
  process.exit(0);
}

if (args[0] !== 'notarytool') die(`xcrun: error: unable to find utility "${args[0]}", not a developer tool or in PATH`, 72);
if (args[1] === '--version' && args.length === 2) {
  process.stdout.write('1.0.0 (38)\n');
  process.exit(0);
}

const VALUES = ['--output-format', '--keychain-profile', '--key', '--key-id', '--issuer'];
const SWITCHES = { submit: ['--no-progress'], info: [], history: [], log: [] };

function parse([command, ...rest]) {
  if (!(command in SWITCHES)) die(`Error: Unexpected argument '${command}'`, USAGE);
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < rest.length; at += 1) {
    const name = rest[at];
    if (!name.startsWith('-')) operands.push(name);
    else if (options.has(name)) die(`Error: ${name} is given twice`, USAGE);
    else if (SWITCHES[command].includes(name)) options.set(name, true);
    else if (VALUES.includes(name) && rest[at + 1] !== undefined) options.set(name, rest[(at += 1)]);
    else die(`Error: Unknown option '${name}'`, USAGE);
  }
  if (command !== 'log' && options.get('--output-format') !== 'json') die('stand-in: JSON is expected to be asked for', USAGE);
  if (command === 'log' && options.has('--output-format')) die('stand-in: a log is JSON by itself', USAGE);
  if (operands.length !== (command === 'history' ? 0 : 1)) die('Error: Missing expected argument', USAGE);
  return { command, options, operand: operands[0] };
}

/** Either a profile, or all three parts of a key, which lies in a file that nobody else may read. */
function judgeAccess(options) {
  const [profile, ...key] = ['--keychain-profile', '--key', '--key-id', '--issuer'].map((name) => options.get(name));
  if (profile !== undefined && key.some((part) => part !== undefined)) die('Error: Provide one kind of credentials', USAGE);
  if (profile !== undefined) {
    if (profile !== state.profile)
      die(
        `Error: No Keychain password item found for profile: ${profile}\n\nRun 'notarytool store-credentials' to create another credential profile.`,
      );
    return;
  }
  if (key.some((part) => part === undefined)) die('Error: Missing required credentials', USAGE);
  const [file, keyId, issuer] = key;
  if (!existsSync(file)) die(`Error: The file ${basename(file)} doesn’t exist.`, USAGE);
  if ((statSync(file).mode & 0o077) !== 0) die('stand-in: others may read the key', USAGE);
  const { pem, keyId: knownId, issuer: known } = state.key ?? {};
  if (readFileSync(file, 'utf8') !== pem || keyId !== knownId || issuer !== known)
    die('Error: HTTP status code: 401. Unauthenticated. Request is missing or contains invalid authentication credentials.');
}

const shown = ({ id, name, createdDate, status }) => ({ id, name, createdDate, status });
const find = (id) => state.submissions.find((one) => one.id === id);

function submit(path) {
  if (!existsSync(path)) die(`Error: The file ${path} doesn’t exist.`, USAGE);
  if (!['.zip', '.dmg', '.pkg'].includes(extname(path)))
    die(`Error: ${basename(path)} must be a zip archive (.zip), flat installer package (.pkg), or UDIF disk image (.dmg)`, USAGE);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const id = randomUUID();
  state.submissions.push({ id, name: basename(path), sha256, createdDate: new Date().toISOString(), status: 'In Progress', asked: 0 });
  answer({ id, message: 'Successfully uploaded file', path });
}

function info(id) {
  const found = find(id);
  if (!found) die(JSON.stringify({ message: 'Submission does not exist or does not belong to your team.', id }));
  found.asked += 1;
  if (found.asked > state.inProgress) found.status = state.status;
  answer({ ...shown(found), message: 'Successfully received submission info' });
}

function log(id) {
  const found = find(id);
  if (!found || found.status === 'In Progress') die(`Submission log is not yet available or submissionId does not exist\n  id: ${id}`);
  const { name, sha256, status } = found;
  answer({
    logFormatVersion: 1,
    jobId: id,
    status,
    statusSummary: status,
    statusCode: 0,
    archiveFilename: name,
    sha256,
    ticketContents: null,
    issues: state.issues,
  });
}

const { command, options, operand } = parse(args.slice(1));
judgeAccess(options);
const fault = state.faults.shift();
if (fault && !fault.fine) {
  writeFileSync(stateFile, JSON.stringify(state));
  // `behind`: it does what it is asked for, and its answer is lost.
  if (!fault.behind) die(fault.said, fault.code);
  process.on('exit', () => process.exit(1));
  process.stdout.write = () => true;
}
const history = () => answer({ history: state.submissions.slice(-100).map(shown), message: 'Successfully received submission history.' });
({ submit, info, log, history })[command](operand);
