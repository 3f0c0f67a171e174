"""Runs in the bundle's own interpreter and starts a launcher whose program is a stand-in.

drive-launcher.py NONCE LAUNCHER SUPERVISES   One JSON line a case on standard output, each with the nonce.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

NONCE, LAUNCHER, SUPERVISES = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
BASE = {"PATH": "/usr/bin:/bin"}
PATIENCE = 5.0
lock = threading.Lock()


def emit(case, ok, **facts):
    facts.update(nonce=NONCE, kind="case", case=case, ok=bool(ok))
    with lock:
        os.write(1, (json.dumps(facts) + "\n").encode())


def start(mode, value="", arguments=(), **options):
    env = dict(BASE, WAYBILL_STAND_IN=mode, WAYBILL_STAND_IN_VALUE=str(value))
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([LAUNCHER, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", **options)


def arguments():
    wanted = [b"plain", b"", b"two words", b"new\nline", b"\xff\xfe", b"caf\xc3\xa9", b"*", b"$HOME", b"`x`", b"'\"", b"--", b"-c", b"a\\b"]
    process = start("arguments", arguments=wanted)
    output, error = process.communicate(timeout=PATIENCE)
    seen = output.split(b"\0")[:-1]
    tail = seen[len(seen) - len(wanted):]
    emit("arguments", tail == wanted, expected=repr(wanted), actual=repr(seen or error[-200:]))


def none():
    process = start("arguments")
    output, _ = process.communicate(timeout=PATIENCE)
    emit("no-arguments", process.returncode == 0, expected="exit code 0", actual="exit code %s" % process.returncode)


def exit_codes():
    for code in (0, 1, 2, 42, 127, 128, 255):
        process = start("exit", code)
        process.communicate(timeout=PATIENCE)
        if process.returncode != code:
            return emit("exit-code", False, expected="exit code %d" % code, actual="exit code %s" % process.returncode)
    emit("exit-code", True)


def deaths():
    for name in ("TERM", "KILL", "SEGV"):
        process = start("die", name)
        process.communicate(timeout=PATIENCE)
        wanted = -getattr(signal, "SIG" + name)
        if process.returncode != wanted:
            return emit("death-by-signal", False, expected="death by SIG%s" % name, actual="exit code %s" % process.returncode)
    emit("death-by-signal", True)


def standard_input():
    data = os.urandom(100000)
    process = start("input", stdin=subprocess.PIPE)
    output, _ = process.communicate(data, timeout=PATIENCE)
    emit("input", output == data, expected="%d bytes" % len(data), actual="%d bytes, %s" % (len(output), "equal" if output == data else "not equal"))


def ready(process):
    line = process.stdout.readline().split()
    return int(line[1]) if len(line) == 2 else None


def gone(pid):
    for _ in range(200):
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def forwarded(name, code):
    process = start("wait", start_new_session=True)
    pid = ready(process)
    if pid is None:
        process.kill()
        return emit("signal-" + name, False, expected="a program that is ready", actual=process.stderr.read()[-200:].decode("utf-8", "replace"))
    process.send_signal(getattr(signal, "SIG" + name))
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return emit("signal-" + name, False, expected="SIG%s reaches the program" % name, actual="it does not end")
    seen = output.decode().split()
    ok = process.returncode == code and seen == [name] and gone(pid)
    emit("signal-" + name, ok, expected="SIG%s once, exit code %d" % (name, code), actual="%s, exit code %s" % (seen, process.returncode))


def escalates():
    process = start("stubborn", start_new_session=True)
    pid = ready(process)
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.15)
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return emit("second-signal", False, expected="the second signal kills", actual="the program still runs")
    emit("second-signal", pid is not None and gone(pid), expected="the second signal kills", actual="ended with %s" % process.returncode)


def orphan():
    process = start("wait", start_new_session=True)
    pid = ready(process)
    process.kill()
    process.wait()
    ok = pid is not None and gone(pid)
    if pid is not None and not ok:
        os.kill(pid, signal.SIGKILL)
    emit("orphan", ok, expected="the program dies with its launcher", actual="it %s" % ("is gone" if ok else "still runs"))


def guarded(case, work, *values):
    def run():
        try:
            work(*values)
        except OSError as error:
            emit(case, False, expected="a program that starts", actual="%s" % error)
        except Exception as error:
            emit(case, False, expected="an answer", actual="%s: %s" % (type(error).__name__, error))

    return threading.Thread(target=run)


cases = [("arguments", arguments), ("no-arguments", none), ("exit-code", exit_codes), ("death-by-signal", deaths), ("input", standard_input)]
cases += [("signal-TERM", forwarded, "TERM", 43), ("signal-INT", forwarded, "INT", 42), ("signal-HUP", forwarded, "HUP", 41)]
if SUPERVISES:
    cases += [("second-signal", escalates), ("orphan", orphan)]
threads = [guarded(*case) for case in cases]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.write(1, (json.dumps({"nonce": NONCE, "kind": "end"}) + "\n").encode())
