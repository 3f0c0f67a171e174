/*
 * One child in the launcher's own process group, so that the terminal and job control treat both as one program:
 *
 *   a signal of the terminal   reaches both by itself and is not forwarded (unless the child has left the group)
 *   a signal of a process      is forwarded once
 *   a second stop request      while stopping kills the child
 *   stop and continue          the launcher stops when the terminal's stop signal has stopped the child, and continues it
 *   the launcher's death       takes the child with it, SIGKILL too (Linux)
 *   the child's end            is the launcher's: same exit code, same signal
 *
 * Signals are blocked except in sigsuspend, so nothing is lost or runs at a bad time.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#endif

/* timeout(1), systemd and shells signal the launcher and then its group: what comes this close together is one request. */
enum { SAME_REQUEST_MS = 100 };
/* Ctrl-C need not mean the end: an interactive program catches it. Two of them count together only within this time; after SIGTERM any does. */
enum { SECOND_INTERRUPT_MS = 10 * 1000 };

static const int FORWARDED[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};
enum { FORWARDED_COUNT = sizeof FORWARDED / sizeof FORWARDED[0], FROM_TERMINAL = 1, FROM_PROCESS = 2 };

static pid_t child;
static volatile sig_atomic_t pending[FORWARDED_COUNT];
static struct sigaction inherited[FORWARDED_COUNT + 1];
static sigset_t inherited_mask;

static int by_terminal(const siginfo_t *info) {
#ifdef __linux__
  return info->si_code == SI_KERNEL;
#else
  return info->si_pid == 0;
#endif
}

static void note_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  /* The child signals its whole group: it has its own copy. */
  if (info->si_code <= 0 && info->si_pid == child) return;
  for (int i = 0; i < FORWARDED_COUNT; i++) {
    if (FORWARDED[i] == number) pending[i] |= by_terminal(info) ? FROM_TERMINAL : FROM_PROCESS;
  }
}

static void handle(int number, struct sigaction *former) {
  struct sigaction action = {0};
  action.sa_sigaction = note_signal;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  sigaction(number, &action, former);
}

static void block_signals(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &inherited_mask);
  for (int i = 0; i < FORWARDED_COUNT; i++) handle(FORWARDED[i], &inherited[i]);
  handle(SIGCHLD, &inherited[FORWARDED_COUNT]);
}

/* What the caller ignored or blocked, nohup's SIGHUP for one, the child ignores or blocks. */
static void restore_signals(void) {
  for (int i = 0; i < FORWARDED_COUNT; i++) sigaction(FORWARDED[i], &inherited[i], NULL);
  sigaction(SIGCHLD, &inherited[FORWARDED_COUNT], NULL);
  sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
}

/* Sockets of systemd are for the process that LISTEN_PID names: that is the child now. */
static void hand_over_sockets(pid_t launcher, char **environment) {
  static char entry[32] = "LISTEN_PID=";
  for (; *environment; environment++) {
    if (strncmp(*environment, "LISTEN_PID=", 11) != 0 || atol(*environment + 11) != (long)launcher) continue;
    char digits[16];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    for (long number = (long)getpid(); number; number /= 10) digits[--at] = (char)('0' + number % 10);
    strcpy(entry + 11, digits + at);
    *environment = entry;
  }
}

static void run_child(pid_t launcher, const char *program, char **arguments, char **environment) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (getppid() != launcher) _exit(EXIT_CANNOT_RUN);
  hand_over_sockets(launcher, environment);
  restore_signals();
  execve(program, arguments, environment);
  fail_execution(program, errno);
}

/* The child's descriptors are its own: a pipe that it closes must be closed, although the launcher lives on. */
static void release_descriptors(void) {
  int nothing = open("/dev/null", O_RDWR);
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (nothing >= 0) dup2(nothing, descriptor);
    else close(descriptor);
  }
#ifdef __linux__
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  for (int descriptor = 3; descriptor < (limit > 0 && limit < 4096 ? limit : 4096); descriptor++) close(descriptor);
}

/* Ends as the child did, without a core file of the launcher beside the child's. */
static void end_as(int status) {
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  int number = WTERMSIG(status);
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
#ifdef __linux__
  prctl(PR_SET_DUMPABLE, 0);
#endif
  signal(number, SIG_DFL);
  raise(number);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  /* Still here: process 1 of a container does not die of signals without a handler. */
  _exit(128 + number);
}

/* Takes what children have to tell; process 1 of a container inherits others. Returns the stop signal of a stopped child, else 0. */
static int collect(void) {
  int status, stopped_by = 0;
  for (pid_t from; (from = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0;) {
    if (from != child) continue;
    if (WIFEXITED(status) || WIFSIGNALED(status)) end_as(status);
    stopped_by = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
  }
  return stopped_by;
}

/* SIGSTOP of the child alone is somebody's intervention and no job control. */
static int terminal_stop(int number) { return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU; }

static void stop_with_child(int number) {
  struct sigaction handler, plain = {0};
  sigset_t only, waiting;
  sigpending(&waiting);
  if (sigismember(&waiting, SIGCONT)) {
    kill(child, SIGCONT); /* continued already, before the launcher came to stop: its own stop would discard that */
    return;
  }
  plain.sa_handler = SIG_DFL;
  sigaction(number, &plain, &handler);
  sigemptyset(&only);
  sigaddset(&only, number);
  raise(number);
  sigprocmask(SIG_UNBLOCK, &only, NULL); /* stops here, until somebody continues the launcher */
  sigprocmask(SIG_BLOCK, &only, NULL);
  sigaction(number, &handler, NULL);
}

static long long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* SIGINT or SIGTERM; `ignored` tells that the caller of the launcher had it ignored. */
static void request_stop(int number, int origin, int ignored) {
  static long long last = -1;
  static int last_number, must_end;
  if (ignored && origin == FROM_TERMINAL) return;
  long long now = milliseconds();
  int again = last >= 0 && (must_end || now - last < SECOND_INTERRUPT_MS);
  int same = last >= 0 && now - last < SAME_REQUEST_MS;
  if (number == SIGTERM) must_end = 1;
  if (same && number == last_number) return;
  last = now;
  last_number = number;
  if (again && !same) kill(child, SIGKILL);
  else if (origin & FROM_PROCESS) kill(child, number);
}

static void pass_on(void) {
  /* A child with a group or session of its own gets nothing from the terminal but through the launcher. */
  int apart = getpgid(child) != getpgrp();
  for (int i = 0; i < FORWARDED_COUNT; i++) {
    int number = FORWARDED[i], origin = pending[i];
    pending[i] = 0;
    if (!origin) continue;
    if (apart) origin = FROM_PROCESS;
    if (number == SIGINT || number == SIGTERM) request_stop(number, origin, inherited[i].sa_handler == SIG_IGN);
    else if (origin & FROM_PROCESS) kill(child, number);
  }
}

void supervise(const char *name, const char *program, char **arguments, char **environment) {
  pid_t launcher = getpid();
  block_signals();
#ifdef __linux__
  prctl(PR_SET_NAME, name);
#else
  (void)name;
#endif
  child = fork();
  if (child < 0) fail(EXIT_CANNOT_RUN, "cannot start a process (", strerror(errno), ")", NULL);
  if (child == 0) run_child(launcher, program, arguments, environment);
  release_descriptors();
  sigset_t waiting = inherited_mask;
  for (int i = 0; i < FORWARDED_COUNT; i++) sigdelset(&waiting, FORWARDED[i]);
  sigdelset(&waiting, SIGCHLD);
  for (;;) {
    int stopped_by = collect();
    pass_on();
    if (terminal_stop(stopped_by)) stop_with_child(stopped_by);
    else sigsuspend(&waiting);
  }
}
