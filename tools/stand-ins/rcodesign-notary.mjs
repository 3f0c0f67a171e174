/**
 * The notary commands of rcodesign 0.29.0 as they answered, for machines that have none: `node rcodesign-notary.mjs <folder> <arguments…>`. In the folder lie `state.json` (what the
 * service knows, and how it is to behave: `key`, `inProgress`, `status`, `issues`, `faults`) and `calls.jsonl`, what it was called with. It refuses what is not a whole and safe
 * command line; its words are those that it had for a service that answered so.
 */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, ...args] = process.argv.slice(2);
const stateFile = join(folder, 'state.json');
const state = { submissions: [], faults: [], inProgress: 0, status: 'Accepted', issues: null, ...JSON.parse(readFileSync(stateFile, 'utf8')) };
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ args, environment: process.env })}\n`);
const save = () => writeFileSync(stateFile, JSON.stringify(state));

const say = (line) => process.stderr.write(`${line}\n`);
function die(text, code = 1) {
  save();
  say(text.startsWith('error: ') ? text : `Error: ${text}`);
  process.exit(code);
}

if (args.length === 1 && args[0] === '--version') {
  process.stdout.write('apple-codesign 0.29.0\n');
  process.exit(0);
}

const OPERANDS = { 'notary-list': 0, 'notary-submit': 1, 'notary-log': 1, 'notary-wait': 1 };
function parse([command, ...rest]) {
  if (!(command in OPERANDS)) die(`error: unrecognized subcommand '${command}'`, 2);
  const allowed = ['-C', '--api-key-file', ...(command === 'notary-wait' ? ['--max-wait-seconds'] : [])];
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < rest.length; at += 1) {
    const name = rest[at];
    if (!name.startsWith('-')) operands.push(name);
    else if (!allowed.includes(name)) die(`error: unexpected argument '${name}' found`, 2);
    else if (options.has(name)) die(`error: the argument '${name}' cannot be used multiple times`, 2);
    else options.set(name, rest[(at += 1)]);
  }
  if (operands.length !== OPERANDS[command]) die('error: the following required arguments were not provided', 2);
  if (options.get('-C') !== '/dev/null') die('error: stand-in: a configuration of the working folder would apply', 2);
  if (command === 'notary-wait' && options.get('--max-wait-seconds') !== '0') die('error: stand-in: it would wait', 2);
  return { command, options, operand: operands[0] };
}

const API = 'https://appstoreconnect.apple.com/notary/v2/submissions';
function apple(request, status, code, title, detail) {
  const error = { code, detail, id: randomUUID(), status: String(status), title };
  die(`appstore connect error:\n${request}\n${JSON.stringify({ errors: [error] }, undefined, 2)}`);
}
const missing = (request, id) =>
  apple(request, 404, 'NOT_FOUND', 'The specified resource does not exist', `There is no resource of type 'submissions' with id '${id}'`);

function judgeKey(file, request) {
  if (file === undefined) die('no authentication credentials to perform notarization request');
  if (!existsSync(file)) die('No such file or directory (os error 2)');
  if ((statSync(file).mode & 0o077) !== 0) die('error: stand-in: others may read the key', 2);
  const { issuer_id: issuer, key_id: keyId, private_key: key } = JSON.parse(readFileSync(file, 'utf8'));
  const known = state.key;
  if (issuer === known.issuer && keyId === known.keyId && key === known.der) return;
  const detail = 'Provide a properly configured and signed bearer token, and make sure that it has not expired.';
  apple(request, 401, 'NOT_AUTHORIZED', 'Authentication credentials are missing or invalid.', detail);
}

/** How the service, or the way to it, is to behave this time. */
function behave(request) {
  const fault = state.faults.shift();
  if (fault?.status === 403) {
    const title = 'A required agreement is missing or has expired.';
    apple(request, 403, 'FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED', title, 'This request requires an in-effect agreement.');
  }
  if (fault?.status !== undefined) apple(request, fault.status, 'UNEXPECTED_ERROR', 'An unexpected error occurred.', 'An unexpected error occurred.');
  if (fault?.html) die(`appstore connect error:\n${request}\n<html><title>502 Bad Gateway</title></html>`);
  if (fault?.offline) die(`error sending request for url (${API})`);
  if (fault?.said) die(fault.said);
  return fault ?? {};
}

const find = (id) => state.submissions.find((one) => one.id === id);
const SHOWN = { Accepted: 'accepted', 'In Progress': 'in progress', Invalid: 'invalid', Rejected: 'rejected' };

const COMMANDS = {
  'notary-list': () =>
    process.stdout.write(
      state.submissions
        .map(({ id, createdDate, name, status }) => `${id} ${createdDate} ${name} submissions ${SHOWN[status] ?? 'unknown'}\n`)
        .join(''),
    ),
  'notary-submit': (path, fault) => {
    if (!existsSync(path)) die(`do not know how to notarize ${path}`);
    const bytes = readFileSync(path);
    if (
      !['PK', 'xar!'].some((magic) => bytes.toString('latin1').startsWith(magic)) &&
      bytes.toString('latin1', bytes.length - 512).slice(0, 4) !== 'koly'
    )
      die(`do not know how to notarize ${path}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    say(`creating Notary API submission for ${basename(path)} (sha256: ${sha256})`);
    const id = randomUUID();
    state.submissions.push({
      id,
      name: basename(path),
      sha256,
      createdDate: new Date().toISOString(),
      status: 'In Progress',
      asked: 0,
      isThere: !fault.upload,
    });
    say(`created submission ID: ${id}\nresolving AWS S3 configuration from Apple-provided credentials`);
    say(`uploading asset to s3://notary-submissions-prod/prod/AROASTANDIN:${id}/${id}\n(you may see additional log output from S3 client)`);
    const cause = 'tcp connect error: Connection refused (os error 111)';
    if (fault.upload)
      die(
        `s3 upload error: dispatch failure: io error: error trying to connect: ${cause} (DispatchFailure(DispatchFailure { source: ConnectorError { kind: Io } }))`,
      );
    say('S3 upload completed successfully');
  },
  'notary-wait': (id, fault) => {
    say(`waiting up to 0s for package upload ${id} to finish processing`);
    const found = find(id);
    if (!found) missing(`GET ${API}/${id}`, id);
    found.asked += 1;
    if (found.isThere && found.asked > state.inProgress) found.status = state.status;
    say(`poll state after 0s: ${found.status === 'In Progress' ? 'InProgress' : found.status in SHOWN ? found.status : 'Unknown'}`);
    if (found.status === 'In Progress') {
      say('reached wait limit after 0s');
      die('reached time limit waiting for notarization to complete');
    }
    say(`Notary API Server has finished processing the uploaded asset\nfetching notarization log for ${id}`);
    if (fault.log) die('error sending request for url (https://notary-artifacts-prod.s3.amazonaws.com/)');
  },
  'notary-log': (id) => {
    say(`fetching notarization log for ${id}`);
    const found = find(id);
    if (!found || found.status === 'In Progress') missing(`GET ${API}/${id}/logs`, id);
    const { name, sha256, status } = found;
    const log = { logFormatVersion: 1, jobId: id, status, statusSummary: status, statusCode: 0, archiveFilename: name, sha256, ticketContents: null };
    process.stdout.write(`${JSON.stringify({ ...log, issues: state.issues }, undefined, 2)}\n`);
  },
};

const { command, options, operand } = parse(args);
const request = `${command === 'notary-submit' ? 'POST' : 'GET'} ${API}`;
judgeKey(options.get('--api-key-file'), request);
const fault = behave(request);
COMMANDS[command](operand, fault);
save();
// It did what it was asked for, and nobody heard of it.
if (fault.behind) process.kill(process.pid, 'SIGKILL');
