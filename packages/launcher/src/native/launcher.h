/*
 * The launcher of a Waybill bundle: prepares the environment and starts the bundle's program.
 * One generic binary per platform; what differs between bundles stands in share/waybill/launcher.conf.
 *
 *   main-posix.c     finds the bundle, reads the configuration, becomes or supervises the program
 *   supervise.c      one child: signals, stop and continue, exit codes, death
 *   windows.c        the same for Windows
 *   configuration.c  strict parser of launcher.conf
 *   environment.c    list of NAME=VALUE; what the application sees of the caller's variables
 *   host-locale.c    is the user's locale there, and which one gives UTF-8 (Linux)
 *   host-glibc.c     which glibc does this machine have (Linux)
 *
 * Memory is never freed: the process ends or is replaced within milliseconds, or supervises with what it has.
 */
#ifndef WAYBILL_LAUNCHER_H
#define WAYBILL_LAUNCHER_H

/* ST_NOEXEC of glibc. */
#define _GNU_SOURCE

#include <stddef.h>

/* Exit codes of the launcher's own failures, as shells use them; EXIT_PLACE is EX_USAGE of sysexits.h. */
enum { EXIT_PLACE = 64, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

enum behaviour { BEHAVIOUR_UNSET, BEHAVIOUR_BECOME, BEHAVIOUR_SUPERVISE };

/* Paths are relative to the bundle and `/` separated. Optional values are NULL when absent. */
struct configuration {
  enum behaviour behaviour;
  char *name;
  char *program;
  char *home;
  char *python;
  char *glibc;
  char *certificates;
  int carries_openssl;
  int carries_ncurses;
  char **arguments;
  size_t argument_count;
  char **defaults; /* NAME=VALUE, set unless the user has set NAME */
  size_t default_count;
};

struct environment {
  char **items; /* NULL terminated */
  size_t count;
  size_t capacity;
};

/* configuration.c: returns NULL, or says what is wrong (`line 4: …`). `text` is changed and must live on. */
const char *parse_configuration(char *text, size_t length, struct configuration *into);
/* A copy of `text` in which each `{bundle}` is the bundle's folder. */
char *expand_bundle(const char *text, const char *bundle);

/* environment.c */
struct environment copy_environment(char **source);
const char *get_variable(const struct environment *environment, const char *name);
void set_variable(struct environment *environment, const char *name, const char *value);
void unset_variable(struct environment *environment, const char *name);
/* Sets a variable for the program's start only: the Python start hook gives back what the user had. */
void set_private_variable(struct environment *environment, const char *name, const char *value);
void prepare_environment(struct environment *environment, const struct configuration *configuration, const char *bundle);
/* Interpreter options for those of the user's variables that keep working although the interpreter runs isolated. */
size_t interpreter_options(const struct environment *environment, char **into);
enum { MAX_INTERPRETER_OPTIONS = 4 };

/* host-locale.c: the variable to change (`LC_ALL` or `LC_CTYPE`) when the user's locale is no UTF-8 by accident; NULL when it stays. */
const char *locale_variable_to_replace(const struct environment *environment);
/* A locale of this machine that gives UTF-8, or NULL. */
const char *utf8_locale(void);

/* host-glibc.c: NULL when `needed` (`2.35`) is met or nothing can be told; else the version found, or `none`. */
const char *missing_glibc(const char *needed);

/* supervise.c: never returns. */
_Noreturn void supervise(const char *name, const char *program, char **arguments, char **environment);

/* main-posix.c: never returns; tells why `program` could not be executed, after execve has failed with `error`. */
_Noreturn void fail_execution(const char *program, int error);

/* Shared by all. `fail` writes `<name>: <parts…>` on standard error and ends the process; the list of parts ends with NULL. */
_Noreturn void fail(int exit_code, ...);
void name_for_failures(const char *name);
void *allocate(size_t size);
/* All parts in one new string; the list ends with NULL. */
char *join(const char *first, ...);
int readable(const char *path);

#endif
