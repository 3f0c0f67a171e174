import { join } from 'node:path';
import { drive, type Scenario } from '../testing/drive';
import { EVERY_LAUNCHER, openYard } from '../testing/every-launcher';
import type { BundleYard } from '../testing/test-bundle';

/**
 * Tells each signal as it comes; `quit` on standard input ends it with 7. Handlers run between its short waits: a signal that comes just before
 * a blocking read would be told only after it.
 */
const TELLER = (signals: string, onSignal = '') => `
import os, select, signal
def tell(number, frame):
    os.write(1, b"got " + signal.Signals(number).name.encode() + b"\\n")
    ${onSignal}
for name in "${signals}".split():
    signal.signal(getattr(signal, "SIG" + name), tell)
os.write(1, b"ready\\n")
typed = b""
while True:
    if not select.select([0], [], [], 0.05)[0]:
        continue
    data = os.read(0, 4096)
    typed += data
    if not data or b"quit" in typed.split():
        os._exit(7)
`;
/** Wants to stop and cannot. */
const STUCK = TELLER('INT TERM');

let yard: BundleYard;
const launchers = new Map<string, string>();
beforeAll(async () => {
  yard = await openYard();
  for (const [kind, behaviour] of EVERY_LAUNCHER) {
    launchers.set(`${kind} ${behaviour}`, join(yard.bundle(`${kind}-${behaviour}`, kind, behaviour), 'probe'));
  }
});
afterAll(() => yard.remove());

const count = (text: string, part: string) => text.split(part).length - 1;

describe.each(EVERY_LAUNCHER)('%s launcher, %s', (kind, behaviour) => {
  const play = (code: string, steps: NonNullable<Scenario['steps']>, more: Partial<Scenario> = {}) =>
    drive(yard.python, { argv: [launchers.get(`${kind} ${behaviour}`)!, '-c', code], steps, ...more });

  it.each(['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'WINCH'])('SIG%s of a process arrives once', async (signal) => {
    const outcome = await play(TELLER(signal), [
      ['expect', 'ready'],
      ['kill', signal],
      ['expect', `got SIG${signal}`],
      ['sleep', 0.15],
      ['type', 'quit\n'],
    ]);
    expect(count(outcome.stdout, `got SIG${signal}`)).toBe(1);
    expect([outcome.exit, outcome.events]).toEqual([7, []]);
  });

  it.each(['TERM', 'HUP', 'USR1', 'INT'])('SIG%s ends a program that does not handle it, and is seen as the end', async (signal) => {
    const code = `import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); print("ready", flush=True); sys.stdin.read()`;
    const outcome = await play(code, [
      ['expect', 'ready'],
      ['kill', signal],
    ]);
    expect([outcome.exit, outcome.signal]).toEqual([null, `SIG${signal}`]);
  });

  it('Ctrl-C of a terminal arrives once', async () => {
    const steps = [
      ['expect', 'ready'],
      ['type', '\x03'],
      ['expect', 'got SIGINT'],
      ['sleep', 0.4],
      ['type', 'quit\n'],
    ] as const;
    const outcome = await play(TELLER('INT'), steps, { terminal: true });
    expect(count(outcome.stdout, 'got SIGINT')).toBe(1);
    expect(outcome.exit).toBe(7);
  });

  it('Ctrl-\\ of a terminal ends both', async () => {
    const outcome = await play(TELLER('INT'), [['expect', 'ready'], ['children'], ['type', '\x1c']], { terminal: true });
    expect([outcome.signal, outcome.survivors]).toEqual(['SIGQUIT', []]);
  });

  it('Ctrl-Z stops it for the shell to see, SIGCONT continues it', async () => {
    const outcome = await play(
      TELLER('INT CONT'),
      [
        ['expect', 'ready'],
        ['type', '\x1a'],
        ['stopped'],
        ['sleep', 0.2],
        ['kill', 'CONT'],
        ['expect', 'got SIGCONT'],
        ['type', '\x03'],
        ['expect', 'got SIGINT'],
        ['type', 'quit\n'],
      ],
      { terminal: true },
    );
    expect(outcome.events.slice(0, 2)).toEqual(['stopped by SIGTSTP', 'continued']);
    expect(outcome.exit).toBe(7);
  });

  it('can be stopped and continued twice, as a group', async () => {
    const round = [
      ['type', '\x1a'],
      ['sleep', 0.3],
      ['kill-group', 'CONT'],
      ['sleep', 0.2],
    ] as const;
    const steps = [['expect', 'ready'], ...round, ...round, ['type', 'quit\n']] as const;
    const outcome = await play(TELLER('INT'), steps, { terminal: true });
    expect(outcome.events).toEqual(['stopped by SIGTSTP', 'continued', 'stopped by SIGTSTP', 'continued']);
    expect(outcome.exit).toBe(7);
  });

  it('SIGTSTP of a process stops it too', async () => {
    const steps = [['expect', 'ready'], ['kill', 'TSTP'], ['stopped'], ['kill', 'CONT'], ['sleep', 0.1], ['type', 'quit\n']] as const;
    const outcome = await play(TELLER('INT'), steps, { terminal: true });
    expect(outcome.events.slice(0, 2)).toEqual(['stopped by SIGTSTP', 'continued']);
    expect(outcome.exit).toBe(7);
  });

  it('hands on what the caller ignores', async () => {
    const code = 'import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)';
    const outcome = await play(code, [], { ignore: ['HUP'] });
    expect(outcome.stdout).toBe('True True\n');
  });

  it('blocks nothing for the program', async () => {
    const outcome = await play('import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))', []);
    expect(outcome.stdout).toBe('set()\n');
  });
});

describe.each(EVERY_LAUNCHER.filter(([, behaviour]) => behaviour === 'become'))('%s launcher that becomes the program', (kind) => {
  it('a REPL survives any number of Ctrl-C', async () => {
    const outcome = await drive(yard.python, {
      argv: [launchers.get(`${kind} become`)!, '-c', STUCK],
      terminal: true,
      steps: [
        ['expect', 'ready'],
        ...Array.from(
          { length: 4 },
          () =>
            [
              ['type', '\x03'],
              ['sleep', 0.2],
            ] as const,
        ).flat(),
        ['type', 'quit\n'],
      ],
    });
    expect(count(outcome.stdout, 'got SIGINT')).toBe(4);
    expect(outcome.exit).toBe(7);
  });

  it('is one process', async () => {
    const outcome = await drive(yard.python, {
      argv: [launchers.get(`${kind} become`)!, '-c', 'import os; print(os.getppid()); print("ready", flush=True); input()'],
      steps: [['expect', 'ready'], ['children'], ['type', '\n']],
    });
    expect(outcome.events).toEqual(['children 0']);
  });
});

describe.each(EVERY_LAUNCHER.filter(([, behaviour]) => behaviour === 'supervise'))('%s launcher that supervises', (kind) => {
  const play = (code: string, steps: NonNullable<Scenario['steps']>, more: Partial<Scenario> = {}) =>
    drive(yard.python, { argv: [launchers.get(`${kind} supervise`)!, '-c', code], steps, ...more });

  it.each([
    ['INT', 'INT'],
    ['TERM', 'TERM'],
    ['INT', 'TERM'],
    ['TERM', 'INT'],
  ])('SIG%s and then SIG%s kill a program that does not stop', async (first, second) => {
    const outcome = await play(STUCK, [
      ['expect', 'ready'],
      ['children'],
      ['kill', first],
      ['expect', `got SIG${first}`],
      ['sleep', 0.2],
      ['alive'],
      ['kill', second],
    ]);
    expect([outcome.signal, outcome.events, outcome.survivors]).toEqual(['SIGKILL', ['children 1', 'alive'], []]);
  });

  it('a second Ctrl-C kills a program that does not stop', async () => {
    const steps = [
      ['expect', 'ready'],
      ['children'],
      ['type', '\x03'],
      ['expect', 'got SIGINT'],
      ['sleep', 0.3],
      ['alive'],
      ['type', '\x03'],
    ] as const;
    const outcome = await play(STUCK, steps, { terminal: true });
    expect([outcome.signal, outcome.events, outcome.survivors]).toEqual(['SIGKILL', ['children 1', 'alive'], []]);
  });

  it('the same signal to the launcher and to its group at once is one request', async () => {
    const steps = [['expect', 'ready'], ['kill', 'TERM'], ['kill-group', 'TERM'], ['sleep', 0.4], ['alive'], ['type', 'quit\n']] as const;
    const outcome = await play(STUCK, steps);
    expect([outcome.exit, outcome.events]).toEqual([7, ['alive']]);
  });

  it('a stopped program is killed, too', async () => {
    const outcome = await play(STUCK, [
      ['expect', 'ready'],
      ['children'],
      ['kill-child', 'STOP'],
      ['child-state', 'T'],
      ['kill', 'TERM'],
      ['sleep', 0.2],
      ['alive'],
      ['kill', 'TERM'],
    ]);
    expect([outcome.signal, outcome.events, outcome.survivors]).toEqual(['SIGKILL', ['children 1', 'child T', 'alive'], []]);
  });

  it('its death takes the program with it', async () => {
    const outcome = await play(STUCK, [['expect', 'ready'], ['children'], ['kill', 'KILL']]);
    expect([outcome.signal, outcome.events, outcome.survivors]).toEqual(['SIGKILL', ['children 1'], []]);
  });

  it('bears the name of the application, and the program is a Python of the bundle', async () => {
    const code =
      'import os, sys; print(open("/proc/%d/comm" % os.getppid()).read().strip()); print(open("/proc/self/cmdline").read().split("\\0")[0] == sys.executable)';
    const outcome = await play(code, []);
    expect(outcome.stdout).toBe('probe\nTrue\n');
  });

  it('leaves no zombie', async () => {
    const code = 'import os, sys; os.fork() or os._exit(0); print("ready", flush=True); sys.stdin.read()';
    const outcome = await play(code, [['expect', 'ready'], ['children'], ['kill-child', 'TERM']]);
    expect([outcome.signal, outcome.survivors]).toEqual(['SIGTERM', []]);
  });

  it('Ctrl-C twice is nothing to a program that a script has put in the background', async () => {
    const steps = [
      ['expect', 'ready'],
      ['type', '\x03'],
      ['sleep', 0.3],
      ['type', '\x03'],
      ['sleep', 0.3],
      ['type', 'quit\n'],
    ] as const;
    const outcome = await play(TELLER('USR1'), steps, { terminal: true, ignore: ['INT'] });
    expect(outcome.exit).toBe(7);
  });

  it('Ctrl-C of a terminal arrives once at a program with a session of its own', async () => {
    const steps = [
      ['expect', 'ready'],
      ['type', '\x03'],
      ['expect', 'got SIGINT'],
      ['sleep', 0.3],
      ['type', 'quit\n'],
    ] as const;
    const outcome = await play(`import os; os.setsid()\n${TELLER('INT')}`, steps, { terminal: true });
    expect([count(outcome.stdout, 'got SIGINT'), outcome.exit]).toEqual([1, 7]);
  });

  it('hands sockets of systemd to the program', async () => {
    const code = 'import os; print(os.environ["LISTEN_PID"] == str(os.getpid()), os.environ["LISTEN_FDS"])';
    const script = 'import os, sys; os.environ["LISTEN_PID"] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])';
    const launcher = launchers.get(`${kind} supervise`)!;
    const outcome = await drive(yard.python, {
      argv: [yard.python.executable, '-c', script, launcher, '-c', code],
      env: { LISTEN_FDS: '1' },
    });
    expect(outcome.stdout).toBe('True 1\n');
  });
});
