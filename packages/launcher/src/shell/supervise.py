"""Looks after the one child of a shell launcher: supervise.py NAME PROGRAM ARGUMENT…

Does what the native launcher does, signal by signal (the reasons stand in its supervise.c): the terminal's signals reach the child by
themselves, those of other processes are forwarded once, a second stop request while stopping kills, stop and continue pass through,
the child ends with this process, and this process ends as the child did. Runs with `-I -S`: the standard library alone.
"""

import errno
import fcntl
import os
import signal
import sys
import time

FORWARDED = {
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM,
    signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
}  # fmt: skip
TERMINAL_STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
STOP_REQUESTS = (signal.SIGINT, signal.SIGTERM)
SAME_REQUEST_S = 0.1
SECOND_INTERRUPT_S = 10.0
SI_KERNEL = 0x80
# Out of the way of the low numbers that programs count on.
LIFELINE_DESCRIPTOR = 200


class Requests:
    """SIGINT and SIGTERM: what is the same request, and which one is the second."""

    def __init__(self):
        self.last = self.number = None
        self.must_end = False

    def action(self, number, from_process):
        now = time.monotonic()
        age = None if self.last is None else now - self.last
        again = age is not None and (self.must_end or age < SECOND_INTERRUPT_S)
        same = age is not None and age < SAME_REQUEST_S
        self.must_end = self.must_end or number == signal.SIGTERM
        if same and number == self.number:
            return None
        self.last, self.number = now, number
        if again and not same:
            return signal.SIGKILL
        return number if from_process else None


def open_lifeline():
    """Both ends of the pipe, or None twice where no descriptors are left: run_child says so, and the program starts all the same."""
    most = os.sysconf("SC_OPEN_MAX")
    # With standard streams closed the pipe would get their numbers, which release_descriptors gives away.
    lowest = min(LIFELINE_DESCRIPTOR, most - 2) if most > 0 else LIFELINE_DESCRIPTOR
    try:
        lifeline, held = os.pipe()
        return fcntl.fcntl(lifeline, fcntl.F_DUPFD_CLOEXEC, lowest), fcntl.fcntl(held, fcntl.F_DUPFD_CLOEXEC, lowest)
    except OSError:
        return None, None


def run_child(parent, lifeline, mask, ignored_child, program, arguments):
    # The kernel kills this process when the last write end of the pipe closes, that is when the parent dies, however it dies.
    try:
        if lifeline is None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        lifeline = fcntl.fcntl(lifeline, fcntl.F_DUPFD, lifeline)
        os.set_inheritable(lifeline, True)
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    except OSError as error:
        print("%s: the child would outlive the launcher (%s)" % (sys.argv[1], error), file=sys.stderr)
    if os.getppid() != parent:
        os._exit(126)
    if os.environ.get("LISTEN_PID") == str(parent):
        os.environ["LISTEN_PID"] = str(os.getpid())
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if ignored_child:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        os.execv(program, [program] + arguments)
    except OSError as error:
        os.write(2, os.fsencode("%s: cannot start %s (%s)\n" % (sys.argv[1], program, error.strerror)))
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def release_descriptors(kept):
    """The child's descriptors are its own: a pipe that it closes must be closed, although this process lives on."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.closerange(3, 4096 if kept is None else kept)
    if kept is not None:
        os.closerange(kept + 1, 4096)


def end_as(status):
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    import resource

    number = os.WTERMSIG(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os._exit(128 + number)


def stop_with_child(child, number):
    if signal.SIGCONT in signal.sigpending():
        os.kill(child, signal.SIGCONT)
        return
    former = signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    signal.signal(number, former)


def collect(child):
    """Takes what children have to tell (process 1 of a container inherits others). Returns the child's terminal stop signal, or None."""
    stopped_by = None
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
        if pid == 0:
            return stopped_by
        if pid != child:
            continue
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            end_as(status)
        stopped = os.WSTOPSIG(status) if os.WIFSTOPPED(status) else None
        stopped_by = stopped if stopped in TERMINAL_STOPS else None


def watch(child, ignored):
    requests = Requests()
    while True:
        stopped_by = collect(child)
        if stopped_by:
            stop_with_child(child, stopped_by)
            continue
        info = signal.sigwaitinfo(FORWARDED | {signal.SIGCHLD})
        number, from_process = info.si_signo, info.si_code != SI_KERNEL
        if number == signal.SIGCHLD or (info.si_code <= 0 and info.si_pid == child):
            continue
        # A child with a group or session of its own gets nothing from the terminal but through here.
        from_process = from_process or os.getpgid(child) != os.getpgrp()
        if number in STOP_REQUESTS:
            if number in ignored and not from_process:
                continue
            number = requests.action(number, from_process)
        elif not from_process:
            continue
        if number is not None:
            os.kill(child, number)


def main():
    name, program, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
    if not hasattr(signal, "sigwaitinfo"):
        os.execv(program, [program] + arguments)
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    ignored = {number for number in FORWARDED if signal.getsignal(number) == signal.SIG_IGN}
    ignored_child = signal.signal(signal.SIGCHLD, signal.SIG_DFL) == signal.SIG_IGN
    try:
        with open("/proc/self/comm", "wb") as comm:
            comm.write(os.fsencode(name)[:15])
    except OSError:
        pass  # without /proc it stays under the interpreter's name
    parent = os.getpid()
    lifeline, held = open_lifeline()
    child = os.fork()
    if child == 0:
        if held is not None:
            os.close(held)
        run_child(parent, lifeline, mask, ignored_child, program, arguments)
    release_descriptors(held)
    watch(child, ignored)


main()
