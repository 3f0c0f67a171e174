/**
 * `security` of macOS as it answers, for machines that are no Macs: `node security.mjs <folder> <arguments…>`. What it knows lies in the folder (keychains.mjs), with `calls.jsonl`, what it
 * was called with. It refuses what is not a whole command line, what the real one refuses, and every password that stands on a command line: those belong on the standard
 * input of `security -i`, which goes on behind a command that failed.
 */
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keychainAt, loadState, locked, noteCall, saveState } from './keychains.mjs';

const [folder, ...args] = process.argv.slice(2);
noteCall(folder, 'security', args);

class Fault extends Error {
  constructor(said, code = 1) {
    super(said);
    this.code = code;
  }
}
const usage = (command) => new Fault(`Usage: ${command} …`, 2);
const NOT_ALLOWED = 'User interaction is not allowed.';
const WRONG = 'The user name or passphrase you entered is not correct.';

/** Options with a value by letter; `flags` have none. */
function parse(command, rest, values, flags = '') {
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < rest.length; at += 1) {
    const [dash, letter, more] = [rest[at][0], rest[at][1], rest[at].slice(2)];
    if (dash !== '-') operands.push(rest[at]);
    else if (more !== '') throw usage(command);
    else if (flags.includes(letter)) options.set(letter, [true]);
    else if (!values.includes(letter) || rest[at + 1] === undefined) throw usage(command);
    else options.set(letter, [...(options.get(letter) ?? []), rest[(at += 1)]]);
  }
  return { one: (letter) => options.get(letter)?.[0], all: (letter) => options.get(letter) ?? [], operands };
}

function open(state, path, command) {
  const keychain = keychainAt(state, path);
  if (keychain === undefined) throw new Fault(`security: ${command} ${path}: The specified keychain could not be found.`, 50);
  return keychain;
}

const COMMANDS = {
  'create-keychain': (state, rest) => {
    const { one, operands } = parse('create-keychain', rest, 'p');
    if (one('p') === undefined) throw new Fault('stand-in: it would ask for a password at the screen');
    const [path] = operands;
    if (keychainAt(state, path)) throw new Fault(`security: SecKeychainCreate ${path}: A keychain with the same name already exists.`, 48);
    if (one('p').length < 32) throw new Fault('stand-in: a password that can be guessed');
    writeFileSync(path, 'a keychain', { mode: 0o600 });
    state.keychains[path] = { password: one('p'), locked: false, locksItself: true, identities: [] };
  },
  'set-keychain-settings': (state, rest) => {
    const { one, operands } = parse('set-keychain-settings', rest, 't', 'lu');
    open(state, operands[0], 'SecKeychainSetSettings').locksItself = one('t') !== undefined || one('l') === true;
  },
  'unlock-keychain': (state, rest) => {
    const { one, operands } = parse('unlock-keychain', rest, 'p');
    const keychain = open(state, operands[0], 'SecKeychainUnlock');
    if (one('p') !== keychain.password) throw new Fault(`security: SecKeychainUnlock ${operands[0]}: ${WRONG}`, 51);
    keychain.locked = false;
  },
  import: (state, rest) => {
    const { one, all, operands } = parse('import', rest, 'kfPTt', 'Ax');
    const [file] = operands;
    const keychain = open(state, one('k'), 'SecKeychainItemImport');
    if (one('A')) throw new Fault('stand-in: every program could use the key');
    if (keychain.locked) throw new Fault(`security: SecKeychainItemImport: ${NOT_ALLOWED}`, 36);
    if (!existsSync(file)) throw new Fault(`security: ${file}: No such file or directory`);
    if ((statSync(file).mode & 0o077) !== 0) throw new Fault('stand-in: others may read the key');
    const pem = one('f') === 'pkcs12' ? openPkcs12(file, one('P') ?? '') : readFileSync(file, 'utf8');
    take(keychain, pem, all('T'));
  },
  'set-key-partition-list': (state, rest) => {
    const { one, operands } = parse('set-key-partition-list', rest, 'Sk', 's');
    const keychain = open(state, operands[0], 'SecKeychainItemSetAccessWithPassword');
    if (one('k') !== keychain.password) throw new Fault(`security: SecKeychainItemSetAccessWithPassword: ${WRONG}`, 51);
    const names = one('S').split(',');
    if (one('s') !== true || !['apple-tool:', 'apple:', 'codesign:'].every((name) => names.includes(name))) throw usage('set-key-partition-list');
    keychain.identities.forEach((identity) => (identity.partitioned = true));
  },
  'list-keychains': (state, rest) => {
    const { one, operands } = parse('list-keychains', rest, 'd', 's');
    if (one('d') !== 'user') throw usage('list-keychains');
    if (one('s')) state.searchList = operands;
    else process.stdout.write(state.searchList.map((path) => `    "${path}"\n`).join(''));
  },
  'find-identity': (state, rest) => {
    const { one, operands } = parse('find-identity', rest, 'p', 'v');
    if (!['codesigning', 'basic'].includes(one('p'))) throw usage('find-identity');
    const paths = operands.length === 0 ? state.searchList : operands;
    const found = paths.flatMap((path) =>
      operands.length === 0 ? (keychainAt(state, path)?.identities ?? []) : open(state, path, 'find-identity').identities,
    );
    const whole = found.filter(({ key, forCode }) => key !== undefined && (one('p') === 'basic' || forCode));
    const lines = whole.map(({ sha1, name }, index) => `  ${index + 1}) ${sha1} "${name}" (CSSMERR_TP_NOT_TRUSTED)\n`);
    process.stdout.write(
      `\nPolicy: ${one('p') === 'basic' ? 'X.509 Basic' : 'Code Signing'}\n  Matching identities\n${lines.join('')}     ${whole.length} identities found\n\n`,
    );
    process.stdout.write('  Valid identities only\n     0 valid identities found\n');
  },
  'find-certificate': (state, rest) => {
    const { one, operands } = parse('find-certificate', rest, '', 'ap');
    if (!one('a') || !one('p')) throw usage('find-certificate');
    const paths = operands.length === 0 ? state.searchList : operands;
    const found = paths.flatMap(
      (path) => (operands.length === 0 ? keychainAt(state, path) : open(state, path, 'find-certificate'))?.certificates ?? [],
    );
    if (!state.hidesCertificates) process.stdout.write(found.join(''));
  },
  'delete-keychain': (state, rest) => {
    const [path] = parse('delete-keychain', rest, '').operands;
    state.searchList = state.searchList.filter((one) => one !== path);
    const there = keychainAt(state, path);
    delete state.keychains[path];
    if (!there) throw new Fault(`security: SecKeychainDelete: The specified keychain could not be found.`, 50);
    rmSync(path);
  },
};

/** It opens files of old ciphers alone, and says the same of others and of a wrong password. */
function openPkcs12(file, password) {
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
  const asked = ['pkcs12', '-in', file, '-passin', `file:${join(folder, 'password')}`, '-nodes', '-legacy'];
  const shown = spawnSync('openssl', [...asked, '-info'], { encoding: 'utf8' });
  rmSync(join(folder, 'password'));
  if (/unable to load|asn1|not enough data|wrong tag/i.test(shown.stderr) && !/MAC|mac verify/.test(shown.stderr))
    throw new Fault('security: SecKeychainItemImport: Unknown format in import.');
  if (shown.status !== 0 || !/MAC: ?sha1/i.test(shown.stderr))
    throw new Fault('security: SecKeychainItemImport: MAC verification failed during PKCS12 import (wrong password?)');
  return shown.stdout;
}

/** A key finds its certificate whichever comes first; the program may use it that is named. */
function take(keychain, pem, programs) {
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----\n?/g);
  if (blocks === null) throw new Fault('security: SecKeychainItemImport: Unknown format in import.');
  for (const text of blocks.filter((block) => block.includes('PRIVATE KEY'))) (keychain.keys ??= []).push({ text, programs });
  for (const text of blocks.filter((block) => block.includes('CERTIFICATE'))) (keychain.certificates ??= []).push(text);
  const certificates = (keychain.certificates ?? []).map((text) => new X509Certificate(text));
  keychain.identities = (keychain.keys ?? []).flatMap(({ text, programs: mayUse }) => {
    const { status, stdout } = spawnSync('openssl', ['pkey', '-pubout'], { input: text, encoding: 'utf8' });
    const own = certificates.find(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }) === stdout);
    return status === 0 && own !== undefined ? [identityOf(own, certificates, { key: text, mayUse })] : [];
  });
}

function identityOf(own, certificates, { key, mayUse }) {
  const field = (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(own.subject)?.[1];
  return {
    ...{
      sha1: createHash('sha1').update(own.raw).digest('hex').toUpperCase(),
      name: field('CN'),
      team: field('OU'),
      key,
      mayUse,
      forCode: own.keyUsage?.includes('1.3.6.1.5.5.7.3.3') === true,
      partitioned: false,
    },
    certificates: [own, ...certificates.filter((other) => other !== own)].map((one) => one.toString()).join(''),
  };
}

function execute([command, ...rest]) {
  if (!(command in COMMANDS)) throw new Fault(`security: unknown command "${command}"`, 1);
  locked(folder, () => {
    const state = loadState(folder);
    try {
      COMMANDS[command](state, rest);
    } finally {
      saveState(folder, state);
    }
  });
}

/** Words of a line: double quotes, and a backslash before a letter that has a meaning otherwise. */
function split(line) {
  const words = [];
  for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) words.push(plain ?? quoted.replace(/\\(.)/g, '$1'));
  return words;
}

function attempt(words) {
  try {
    execute(words);
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code;
  }
}

if (args.length === 1 && args[0] === '-i') {
  const lines = readFileSync(0, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    process.stdout.write('security> ');
    if (line.length > 4_095) throw new Error('stand-in: a line that is cut');
    attempt(split(line));
  }
} else {
  const isSecret = args.some(
    (text, at) => (text === '-p' && !args[0].startsWith('find-')) || (/^-[Pk]$/.test(text) && args[0] !== 'import') || (text === '-P' && at > 0),
  );
  if (isSecret) {
    process.stderr.write('stand-in: a password on the command line\n');
    process.exit(2);
  }
  process.exit(attempt(args));
}
