"""Starts a program as a shell would and plays a scenario with it: JSON on standard input, JSON on standard output.

{"argv": [hex…], "file": path?, "env": {}, "cwd": path?, "stdin": hex | null, "terminal": bool, "ignore": [signal…], "steps": [[name, …]…]}
steps: expect TEXT · type TEXT · close · sleep SECONDS · kill SIGNAL · kill-group SIGNAL · kill-child SIGNAL · children · child-state LETTERS · alive · stopped · foreground
Result: exit, signal, stdout, stderr (latin-1 text), events, and which of the noted children are alive at the end.
"""

import fcntl, json, os, select, signal, sys, termios, time

LIMIT_S = float(os.environ.get("DRIVE_LIMIT_S", "20"))
request = json.load(sys.stdin)
argv = [bytes.fromhex(item) for item in request["argv"]]
env = {os.fsencode(k): v.encode("utf-8", "surrogateescape") for k, v in request["env"].items()}
terminal = request.get("terminal", False)
collected = {1: b"", 2: b""}
events, children = [], []
status = None


def number(name):
    return getattr(signal, "SIG" + name)


def start():
    if terminal:
        os.setsid()
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for name in ("TTOU", "HUP"):
            signal.signal(number(name), signal.SIG_IGN)
        ends = {0: slave, 1: slave, 2: slave}
        sources = {master: 1}
        writer = master
    else:
        (in_r, writer), (out_r, out_w), (err_r, err_w) = os.pipe(), os.pipe(), os.pipe()
        ends = {0: in_r, 1: out_w, 2: err_w}
        sources = {out_r: 1, err_r: 2}
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        if terminal:
            os.tcsetpgrp(slave, os.getpid())
        for name in ("TTOU", "HUP", "PIPE", "XFSZ"):
            signal.signal(number(name), signal.SIG_DFL)
        for name in request.get("ignore", []):
            signal.signal(number(name), signal.SIG_IGN)
        for target, source in ends.items():
            os.dup2(source, target)
        if request.get("cwd"):
            os.chdir(request["cwd"])
        os.closerange(3, 256)
        try:
            os.execve(request.get("file") or argv[0], argv, env)
        except OSError as error:
            os.write(2, ("exec: %s" % error).encode())
            os._exit(99)
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass  # it has done so itself and is executing already
    for end in set(ends.values()):
        os.close(end)
    return pid, writer, sources


def pump(seconds):
    ready, _, _ = select.select(list(sources), [], [], seconds)
    for source in ready:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b""
        if data:
            collected[sources[source]] += data
        else:
            del sources[source]
            os.close(source)
    if not sources:
        time.sleep(min(seconds, 0.01))


def poll():
    global status
    if status is None:
        pid, found = os.waitpid(launcher, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
        if pid and os.WIFSTOPPED(found):
            events.append("stopped by " + signal.Signals(os.WSTOPSIG(found)).name)
        elif pid and os.WIFCONTINUED(found):
            events.append("continued")
        elif pid:
            status = found


def until(condition, what):
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            events.append("timeout: " + what)
            raise TimeoutError(what)
        pump(0.02)
        poll()


def state(pid):
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def step(name, *values):
    global writer
    if name == "expect":
        until(lambda: values[0].encode() in collected[1] + collected[2] or status is not None, "expect " + values[0])
    elif name == "type":
        os.write(writer, values[0].encode("latin-1"))
    elif name == "close":
        os.close(writer)
        writer = None
    elif name == "sleep":
        end = time.monotonic() + values[0]
        while time.monotonic() < end:
            pump(0.02)
            poll()
    elif name == "kill":
        os.kill(launcher, number(values[0]))
    elif name == "kill-group":
        os.killpg(launcher, number(values[0]))
    elif name == "kill-child":
        os.kill(children[0], number(values[0]))
    elif name == "children":
        with open("/proc/%d/task/%d/children" % (launcher, launcher)) as listing:
            children.extend(int(item) for item in listing.read().split())
        events.append("children %d" % len(children))
    elif name == "child-state":
        end = time.monotonic() + 3
        while state(children[0]) not in values[0] and time.monotonic() < end:
            pump(0.02)
            poll()
        events.append("child " + state(children[0]))
    elif name == "alive":
        poll()
        events.append("alive" if status is None else "ended")
    elif name == "stopped":
        until(lambda: any(event.startswith("stopped") for event in events) or status is not None, "stopped")
    elif name == "foreground":
        os.tcsetpgrp(writer, launcher)


launcher, writer, sources = start()
try:
    if request.get("stdin") is not None:
        os.write(writer, bytes.fromhex(request["stdin"]))
        step("close")
    for item in request.get("steps", []):
        step(*item)
    until(lambda: status is not None, "the end")
except TimeoutError:
    for pid in [launcher] + children:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    status = os.waitpid(launcher, 0)[1] if status is None else status
end = time.monotonic() + 5
while sources and time.monotonic() < end:
    pump(0.05)
while any(state(pid) not in ("gone", "Z") for pid in children) and time.monotonic() < end:
    time.sleep(0.02)
json.dump(
    {
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
        "core": os.WIFSIGNALED(status) and os.WCOREDUMP(status),
        "stdout": collected[1].decode("latin-1"),
        "stderr": collected[2].decode("latin-1"),
        "events": events,
        "survivors": [pid for pid in children if state(pid) not in ("gone", "Z")],
    },
    sys.stdout,
)
