import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBundle, makeDelivery, writeDelivery, type Files, type Member } from '../testing/make-delivery';
import { minisignKey, sshKey, type SigningKey } from '../testing/signing-keys';
import { storeZip } from '../testing/store-zip';
import { checkArchive } from '../checks/check-archive';
import { parseFingerprint, parseKeys } from '../keys/trusted-keys';
import { main } from './main';
import { VERIFY_OPTIONS, verifyUsage } from './verify-arguments';

const SUMS = 'app-1.0-SHA256SUMS';
let folder: string;
let minisign: SigningKey;
let ssh: SigningKey;
let files: Files;
let stranger: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-verify-'));
  [minisign, ssh] = [minisignKey(Buffer.from('12345678')), sshKey()];
  files = (await makeDelivery(folder, { project: 'app', version: '1.0', keys: [minisign, ssh] })).files;
  stranger = await minisignKey(Buffer.from('stranger')).sign(Buffer.from('any'));
  writeDelivery(join(folder, 'good'), files);
  mkdirSync(join(folder, 'temporary'));
  writeFileSync(join(folder, 'app.pub'), `# who signs\n${minisign.publicKey}\nrelease@example.org ${ssh.publicKey}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const ports = {
    workingFolder: folder,
    temporaryFolder: join(folder, 'temporary'),
    print: (text: string) => void (out += text),
    tell: (text: string) => void (err += text),
  };
  return { code: await main(args, ports), out, err };
}

it('prints a table and ends with 0 when everything holds', async () => {
  const { code, out } = await run('good', `--fingerprint=${minisign.fingerprint}`, '--project', 'app', '--version=1.0');
  expect(out).toContain('release: app 1.0, commit cccc');
  expect(out).toMatch(/^ok +app-1\.0-linux-x86_64\.tar\.gz +bundle-archive +\d+ {2}sha256, sha512, manifest of 3 files, signed by RW/m);
  expect(out).toMatch(/^unchecked  app-1\.0-SHA256SUMS\.sig +signature +\d+ {2}its form only$/m);
  expect(out).toMatch(/^ok +app-1\.0-SHA256SUMS +sums .* signed by RW/m);
  expect(out).toContain('proof smoke-linux: passed (1 checks, isolation namespace)');
  expect(out.trimEnd().split('\n').at(-1)).toBe(`verified: signed by ${minisign.fingerprint}`);
  expect(code).toBe(0);
});

it('says of a signature whose form is not known that it was not read, where no key of its kind is expected', async () => {
  writeFileSync(join(folder, 'good/app-1.0-SHA256SUMS.sigstore.json'), '{"mediaType":"application/vnd.dev.sigstore.bundle.v9+json"}\n');
  try {
    const { code, out } = await run('good', `--fingerprint=${minisign.fingerprint}`);
    expect(out).toMatch(/^unchecked  app-1\.0-SHA256SUMS\.sigstore\.json +signature +\d+ {2}its form is not known here$/m);
    expect(code).toBe(0);
  } finally {
    rmSync(join(folder, 'good/app-1.0-SHA256SUMS.sigstore.json'));
  }
});

it.each([
  ['an SSH fingerprint', () => [`--fingerprint=${ssh.fingerprint}`]],
  ['a file of keys', () => ['--keys=app.pub']],
  ['both: the fingerprint must have signed', () => ['--keys', 'app.pub', `--fingerprint=${ssh.fingerprint}`]],
])('takes %s', async (_, args) => {
  expect(await run('good', ...args())).toMatchObject({ code: 0, err: '' });
});

it('follows a link that the reader named, not one that lies in the delivery', async () => {
  symlinkSync('good', join(folder, 'link'));
  expect(await run('link', `--fingerprint=${minisign.fingerprint}`)).toMatchObject({ code: 0, err: '' });
});

it('says integrity only, and does not end with 0, when nobody says who must have signed', async () => {
  const { code, out } = await run('good');
  expect(out).toContain('integrity only: no key was given');
  expect(code).toBe(3);
});

it('names what is missing, extra, changed and unsigned', async () => {
  const spoiled = new Map(files);
  spoiled.delete('app-1.0-setup.exe');
  spoiled.set('notes.txt', Buffer.from('x'));
  spoiled.set('app-1.0.tar.gz', Buffer.from('y'));
  spoiled.delete('app-1.0-SHA512SUMS.minisig');
  writeDelivery(join(folder, 'spoiled'), spoiled);
  const { code, out } = await run('spoiled', `--fingerprint=${minisign.fingerprint}`, '--json');
  const { verdict, findings } = JSON.parse(out) as { verdict: string; findings: { check: string; path: string }[] };
  expect({ code, verdict }).toEqual({ code: 1, verdict: 'failed' });
  expect(findings.map(({ check, path }) => `${check} ${path}`)).toEqual(
    expect.arrayContaining(['missing app-1.0-setup.exe', 'extra notes.txt', 'changed app-1.0.tar.gz', 'unsigned app-1.0-SHA512SUMS']),
  );
});

it('asks for the sums file where none is here, and advises nobody to delete what came without it', async () => {
  writeDelivery(join(folder, 'no-sums'), new Map([...files].filter(([name]) => !name.includes('SUMS'))));
  const { code, out } = await run('no-sums', `--fingerprint=${minisign.fingerprint}`);
  expect(out).toContain('no sums file is here');
  expect(out).not.toContain('delete it');
  expect(out).toMatch(/^extra +app-1\.0-py3-none-any\.whl /m);
  expect(code).toBe(1);
});

describe('genuine files of another release beside those that were asked for', () => {
  let older: Files;
  beforeAll(async () => {
    const spec = { project: 'app', version: '0.9', releaseFile: 'app-0.9-release.json', keys: [minisign, ssh] };
    older = (await makeDelivery(folder, spec)).files;
  });
  const pins = (): string[] => [`--fingerprint=${minisign.fingerprint}`, '--project=app', '--version=1.0'];
  const mixed = (name: string, choose: (file: string) => boolean): string => {
    writeDelivery(join(folder, name), new Map([...files, ...[...older].filter(([file]) => choose(file))]));
    return name;
  };

  it('are refused: an older release of the same project is not what was asked for', async () => {
    const both = mixed('both', () => true);
    const { code, out } = await run(both, ...pins());
    expect([code, out]).toEqual([1, expect.stringContaining('this is another version\n  expected 1.0\n  actual 0.9')]);
    expect((await run(both, pins()[0]!)).code).toBe(0);
  });

  it('are refused where one file is enough, when nothing tells of which release they are', async () => {
    const { code, out } = await run(
      mixed('nameless', (file) => !file.endsWith('release.json')),
      ...pins(),
      '--ignore-missing',
    );
    expect([code, out]).toEqual([1, expect.stringContaining('release app-0.9-SHA256SUMS: no `release.json` that is here names it')]);
  });
});

it('a release whose version is none is no release of the version that was asked for', async () => {
  const version = 'banana';
  writeDelivery(join(folder, version), (await makeDelivery(folder, { project: 'app', version, keys: [minisign] })).files);
  const { code, out } = await run(version, `--fingerprint=${minisign.fingerprint}`, '--version=1.0');
  expect([code, out]).toEqual([1, expect.stringContaining(`this is another version\n  expected 1.0\n  actual ${version}`)]);
});

it('a release of another project beside it is no matter of the pins, and is named', async () => {
  const spec = { project: 'other', version: '0.9', releaseFile: 'other-0.9-release.json', keys: [minisign, ssh] };
  writeDelivery(join(folder, 'shared'), new Map([...files, ...(await makeDelivery(folder, spec)).files]));
  for (const pins of [['--project=app', '--version=1.0'], ['--version=1.0']]) {
    const { code, out } = await run('shared', `--fingerprint=${minisign.fingerprint}`, ...pins);
    expect([code, out.match(/^release: \w+ [\d.]+/gm)?.sort()]).toEqual([0, ['release: app 1.0', 'release: other 0.9']]);
  }
});

describe('what somebody without the key lays beside a genuine delivery', () => {
  const evil = Buffer.from('MZ evil');
  const sumsOf = (name: string): Buffer => Buffer.from(`${createHash('sha256').update(evil).digest('hex')}  ${name}\n`);
  it.each<[string, () => Files, string]>([
    [
      'a file with sums of its own, unsigned',
      () =>
        new Map([
          ['evil.exe', evil],
          ['evil-SHA256SUMS', sumsOf('evil.exe')],
        ]),
      'unsigned evil-SHA256SUMS',
    ],
    [
      'a file with sums that somebody else signed',
      () =>
        new Map([
          ['evil.exe', evil],
          ['evil-SHA256SUMS', sumsOf('evil.exe')],
          ['evil-SHA256SUMS.minisig', stranger],
        ]),
      'signature evil-SHA256SUMS.minisig: ',
    ],
    ['sums that say something else of a file', () => new Map([['x-SHA256SUMS', sumsOf('app-1.0-setup.exe')]]), 'contradicts another sums file'],
    [
      'two names in different forms of Unicode',
      () =>
        new Map([
          ['e\u0301', evil],
          ['\u00e9', evil],
        ]),
      'differs from .* in case or Unicode form alone',
    ],
    ['a name in other letters', () => new Map([['APP-1.0-SETUP.EXE', evil]]), 'differs from .* in case or Unicode form alone'],
    ['a folder with a signed file’s name in it', () => new Map([['deep/app-1.0-setup.exe', evil]]), 'extra deep/app-1.0-setup.exe'],
    ['a file whose name a signature would have', () => new Map([['app-1.0-setup.exe.minisig', evil]]), 'it is no signature that can be read'],
  ])('%s is found', async (name, added, message) => {
    const place = `beside ${name}`.replace(/[^a-z]/gi, '-');
    writeDelivery(join(folder, place), new Map([...files, ...added()]));
    const { code, out } = await run(place, `--fingerprint=${minisign.fingerprint}`, '--project=app', '--version=1.0');
    expect([code, out]).toEqual([1, expect.stringMatching(new RegExp(message))]);
  });
});

it('leaves nothing in the temporary folder', () => expect(readdirSync(join(folder, 'temporary'))).toEqual([]));

it('names every option in its usage', async () => {
  expect((await run('--help')).out).toBe(verifyUsage());
  for (const { name } of VERIFY_OPTIONS) expect(verifyUsage()).toContain(`--${name}`);
});

describe('a fingerprint as people copy it', () => {
  const hex = (size: number): string => 'ab'.repeat(size / 2);
  const groups = (text: string, between: string, size = 4): string => text.match(new RegExp(`.{${size}}`, 'g'))!.join(between);

  it.each([
    ['gpg', `  ${groups(hex(40), ' ')} `],
    ['gpg', `0x${hex(40).toUpperCase()}`],
    ['gpg', groups(hex(40), ':', 2)],
    ['sigstore', groups(hex(64).toUpperCase(), ':', 2)],
    ['sigstore', `sha256:${hex(64)}`],
  ])('is one of %s: `%s`', (format, text) => {
    const fingerprint = format === 'gpg' ? hex(40).toUpperCase() : hex(64);
    expect(parseFingerprint(text)).toEqual({ format, fingerprint });
    expect(parseKeys(`# ours\n${text}\n`, 'file')).toEqual([{ format, fingerprint }]);
  });

  it('verifies', async () => {
    for (const text of [`${ssh.fingerprint}=`, ssh.fingerprint.replace('SHA256', 'sha256'), ` ${ssh.fingerprint} `, ` ${minisign.fingerprint}`])
      expect(await run('good', `--fingerprint=${text}`)).toMatchObject({ code: 0 });
  });

  it.each([
    ['0x1B0A9F8E', 'an id of 8 digits is a piece of a fingerprint'],
    ['5F4E3D2C1B0A9F8E', 'an id of 16 digits is a piece of a fingerprint'],
    [hex(38), 'an id of 38 digits'],
    [hex(62), 'and this has 62'],
    [`MD5:${groups(hex(32), ':', 2)}`, 'by MD5 names no one key'],
    [`SHA256:${'x'.repeat(42)}`, 'it has none of the forms'],
  ])('`%s` is refused: %s', async (text, words) => {
    writeFileSync(join(folder, 'short'), `# ours\n${text}\n`);
    for (const arg of [`--fingerprint=${text}`, '--keys=short']) {
      const { code, err } = await run('good', arg);
      expect([code, err]).toEqual([2, expect.stringContaining(words)]);
    }
  });
});

it.each<[string, string[]]>([
  ['VERIFY_TARGET', ['nothing']],
  ['VERIFY_TARGET', ['app.pub']],
  ['VERIFY_VALUE', []],
  ['VERIFY_VALUE', ['a', 'b']],
  ['VERIFY_VALUE', ['good', '--version=new']],
  ['VERIFY_VALUE', ['good', '--project']],
  ['VERIFY_VALUE', ['good', '--json=1']],
  ['VERIFY_ARGUMENT', ['good', '--fingerprnt=x']],
  ['VERIFY_KEY', ['good', '--fingerprint=x']],
  ['VERIFY_KEY', ['good', '--keys=nothing']],
  ['VERIFY_KEY', ['good', '--keys=good/release.json']],
])('%s: %j ends with 2, a code and a fix', async (code, args) => {
  const { code: exit, out, err } = await run(...args);
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toMatch(new RegExp(`^${code} [\\s\\S]*\nfix: `));
});

describe('what the system refuses is told with a fix, not as a fault of ours', () => {
  const expectCoded = (err: string, code: string): void => {
    expect(err).toMatch(new RegExp(`^${code} [^]*\nfix: `));
    expect(err).not.toMatch(/^ +at |fault of Waybill/m);
  };

  it.each([
    ['FILE_FAILED', 'a loop of links', () => (symlinkSync('loop', join(folder, 'loop')), 'loop')],
    ['FILE_NAME', 'a name that is too long', () => 'a'.repeat(300)],
  ])('%s: %s', async (code, _, target) => {
    const { code: exit, err } = await run(target());
    expect(exit).toBe(2);
    expectCoded(err, code);
  });

  it('FILE_MISSING: no place to unpack to', async () => {
    writeFileSync(join(folder, 'delivery.zip'), storeZip([{ name: 'a', content: Buffer.from('a') }]));
    let err = '';
    const ports = {
      workingFolder: folder,
      temporaryFolder: join(folder, 'nowhere'),
      print: () => undefined,
      tell: (text: string) => void (err += text),
    };
    expect(await main(['delivery.zip'], ports)).toBe(2);
    expectCoded(err, 'FILE_MISSING');
  });

  it.each([SUMS, `${SUMS}.minisig`, 'release.json', 'app-1.0-linux-x86_64.tar.gz', 'app-1.0-windows-x86_64.zip', '.'])(
    'FILE_NOT_READABLE: %s',
    async (name) => {
      const place = join(folder, 'closed');
      rmSync(place, { recursive: true, force: true });
      writeDelivery(place, files);
      chmodSync(folder, 0o755);
      chmodSync(join(place, name), 0o000);
      // whoever may read everything becomes somebody else meanwhile
      const isRoot = process.getuid?.() === 0;
      if (isRoot) process.seteuid!(65_534);
      const { code, err } = await run('closed', `--fingerprint=${minisign.fingerprint}`).finally(() => isRoot && process.seteuid!(0));
      chmodSync(join(place, name), 0o700);
      expect(code).toBe(2);
      expectCoded(err, 'FILE_NOT_READABLE');
      expect(err).toContain(name === '.' ? 'closed' : name);
    },
  );
});

describe('a line of `allowed_signers`', () => {
  const FILE = 'allowed';
  const given = (before: string, ...more: string[]): Promise<{ code: number; out: string; err: string }> => {
    writeFileSync(join(folder, FILE), [`${before}${ssh.publicKey}`, ...more].join('\n'));
    return run('good', `--keys=${FILE}`);
  };

  it.each([
    ...['', 'me@example.org ', '"two words" ', '* namespaces="git,file" ', 'me namespaces="*" '],
    ...['me namespaces="f*" ', 'me namespaces="f?le" ', 'me namespaces="*i**e" ', 'me namespaces="!git,*" '],
    ...['a,"b c" namespaces="file" ', 'a,"b c" ', '"a b"namespaces="file" '],
  ])('`%s` may sign files', async (before) => {
    expect(await given(before)).toMatchObject({ code: 0 });
  });

  it.each([
    ...['git', '!file,*', '*,!file', '!f*,file', '!git', 'file?', 'f', 'File', ''].map((names) => [
      `me namespaces="${names}" `,
      'it holds none that may sign files',
    ]),
    ['a,"b c" namespaces="git" ', 'it holds none that may sign files'],
    ['me namespaces="file",namespaces="git" ', '`namespaces="git"` is not judged here'],
    ['"me ', '`"me` is not judged here'],
    ['me cert-authority ', '`cert-authority` is not judged here'],
    ['me valid-before="20200101" ', '`valid-before="20200101"` is not judged here'],
    ['me namespaces="file",valid-after="20990101" ', '`valid-after="20990101"` is not judged here'],
  ])('`%s` is refused: %s', async (before, reason) => {
    expect(await given(before)).toMatchObject({ code: 2, err: expect.stringContaining(reason) });
  });

  it('for something else does no harm beside one for files', async () => {
    expect(await given('me namespaces="git" ', ssh.publicKey)).toMatchObject({ code: 0 });
  });

  it('of a kind that is not known is told so', async () => {
    const blob = Buffer.from('\0\0\0\x13ecdsa-sha2-nistp256').toString('base64');
    expect(await given('', `me ecdsa-sha2-nistp256 ${blob} me`)).toMatchObject({ code: 2, err: expect.stringContaining('use ed25519 or RSA') });
  });
});

describe('a signature of a kind of which nobody named a key, in a way that is not known here', () => {
  const identity = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json',
    verificationMaterial: { certificate: {}, tlogEntries: [], timestampVerificationData: {} },
    messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') }, signature: 'AAAA' },
  };
  it('does no harm beside one that holds; alone it is none', async () => {
    const bundle = Buffer.from(JSON.stringify(identity));
    writeDelivery(join(folder, 'identity'), new Map([...files, ['app-1.0-SHA256SUMS.sigstore.json', bundle]]));
    expect((await run('identity', `--fingerprint=${minisign.fingerprint}`)).code).toBe(0);
    const { code, out } = await run('identity', `--fingerprint=${'ab'.repeat(32)}`);
    expect([code, out]).toEqual([1, expect.stringContaining('of no kind that is verified here')]);
  });
});

it('does not let names steer the terminal', async () => {
  writeDelivery(join(folder, 'odd'), [...files, ['a\u001b[2Kb', Buffer.from('x')]]);
  expect((await run('odd')).out).not.toContain('\u001b');
});

describe('a bundle that is not what its manifest says', () => {
  it.each<[string, (members: Map<string, Member>) => unknown, string]>([
    ['a changed file', (members) => members.set('lib/data.txt', { text: 'other' }), '`lib/data.txt` in it is not what its manifest says'],
    ['another mode', (members) => members.set('app', { ...(members.get('app') as { text: string }), mode: 0o644 }), '`app` in it is not what'],
    ['a file more', (members) => members.set('lib/evil.py', { text: 'x' }), '`lib/evil.py` is in it, but not in its manifest'],
    ['a file less', (members) => members.delete('lib/data.txt'), '`lib/data.txt` is missing'],
    ['another link', (members) => members.set('lib/link', { link: '../app' }), '`lib/link` in it is not what'],
    ['a link outside', (members) => members.set('lib/link', { link: '../../../etc/passwd' }), 'leads out of it'],
    ['a manifest that is none', (members) => members.set('share/waybill/manifest.json', { text: '{}' }), 'RECORD_FIELD'],
  ])('%s', async (_, change, message) => {
    for (const format of ['tar.gz', 'zip'] as const) {
      const file = join(folder, `bundle.${format}`);
      writeFileSync(file, await makeBundle(folder, { project: 'app', version: '1.0', platform: 'linux-x86_64', format, change }));
      const { findings } = await checkArchive({ name: 'bundle', file, isBundle: true });
      expect(findings.map((finding) => finding.message).join('\n')).toContain(message);
    }
  });
});

describe('where sha256 alone is summed, and archives are read once', () => {
  const ARCHIVES = ['app-1.0-linux-x86_64.tar.gz', 'app-1.0-windows-x86_64.zip', 'app-1.0-py3-none-any.whl', 'app-1.0.tar.gz'];
  const sha256Alone = async (change?: (members: Map<string, Member>) => void): Promise<Files> =>
    (await makeDelivery(folder, { project: 'app', version: '1.0', keys: [minisign], algorithms: ['sha256'], ...(change && { change }) })).files;
  const verify = async (delivered: Files): Promise<{ code: number; out: string }> => {
    const place = join(folder, 'read-once');
    rmSync(place, { recursive: true, force: true });
    writeDelivery(place, delivered);
    return run('read-once', `--fingerprint=${minisign.fingerprint}`);
  };

  it('an untouched delivery holds, and every change to an archive is told to be one, wherever it is', async () => {
    const delivered = await sha256Alone();
    expect(await verify(delivered)).toMatchObject({ code: 0 });
    const unseen: string[] = [];
    for (const name of ARCHIVES) {
      const bytes = delivered.get(name)!;
      const places = [0, 1, 3, 9, 20, ...Array.from({ length: 12 }, (_, step) => Math.floor((bytes.length * step) / 12)), bytes.length - 1];
      const spoilt = [
        ...places.map((at) => flipAt(bytes, at)),
        bytes.subarray(0, -1),
        bytes.subarray(0, 0),
        Buffer.concat([bytes, Buffer.from('\0')]),
      ];
      for (const [index, other] of spoilt.entries()) {
        const { code, out } = await verify(new Map([...delivered, [name, other]]));
        if (code !== 1 || !out.includes(`changed ${name}: it is not the file that was summed`)) unseen.push(`${name} ${index}: ${code}`);
      }
    }
    expect(unseen).toEqual([]);
  });

  it('an archive that another program made, without a manifest, holds as what was summed, and the table says that nothing tells of its files', async () => {
    const foreign = await sha256Alone((members) => members.delete('share/waybill/manifest.json'));
    const { code, out } = await verify(foreign);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^ok +app-1\.0-linux-x86_64\.tar\.gz +bundle-archive +\d+ {2}sha256, no manifest of its files/m),
    ]);
    expect(out).toMatch(/^ok +app-1\.0-windows-x86_64\.zip +bundle-archive +\d+ {2}sha256, no manifest of its files$/m);
    for (const name of ARCHIVES.slice(0, 2)) {
      const bytes = foreign.get(name)!;
      expect(await verify(new Map([...foreign, [name, flipAt(bytes, bytes.length >> 1)]]))).toMatchObject({ code: 1 });
    }
    const odd = await sha256Alone(
      (members) => members.delete('share/waybill/manifest.json') && members.set('lib/link', { link: '../../../etc/passwd' }),
    );
    expect(await verify(odd)).toMatchObject({ code: 1, out: expect.stringContaining('leads out of it') });
  });
});

function flipAt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0x10;
  return copy;
}
