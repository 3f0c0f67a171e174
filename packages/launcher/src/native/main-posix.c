/* Linux and macOS: finds the bundle by the launcher's own real path, prepares the environment, becomes or supervises the program. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <sys/auxv.h>
#endif
#ifndef ST_NOEXEC
#define ST_NOEXEC 0 /* statvfs of macOS does not tell */
#endif

enum { MAX_CONFIGURATION_BYTES = 64 * 1024 };
static const char CONFIGURATION[] = "/share/waybill/launcher.conf";

/* The file of that name in the folders of PATH; NULL when there is none. */
static char *search_path(const char *name) {
  const char *path = getenv("PATH");
  while (path && *path) {
    size_t length = strcspn(path, ":");
    char *folder = join(length ? path : ".", NULL);
    if (length) folder[length] = '\0';
    char *candidate = join(folder, "/", name, NULL);
    if (access(candidate, X_OK) == 0) return candidate;
    path += length + (path[length] == ':');
  }
  return NULL;
}

/* How the launcher was called: what the kernel executed, else what the caller says. */
static const char *called_as(const char *argument) {
#ifdef __APPLE__
  static char path[PATH_MAX];
  uint32_t size = sizeof path;
  if (_NSGetExecutablePath(path, &size) == 0) return path;
#else
  const char *executed = (const char *)getauxval(AT_EXECFN);
  if (executed && *executed && access(executed, F_OK) == 0) return executed;
#endif
  if (!argument) return NULL;
  return strchr(argument, '/') ? argument : search_path(argument);
}

/* The launcher's own path without symbolic links. */
static char *own_path(const char *argument, int *has_proc) {
  char *path = allocate(PATH_MAX + 1);
  *has_proc = 1;
#ifdef __linux__
  if (readlink("/proc/self/exe", path, PATH_MAX) > 0) return path;
  *has_proc = 0;
#endif
  const char *called = called_as(argument);
  if (!called || !realpath(called, path)) fail(EXIT_CANNOT_RUN, "the launcher cannot find its own file; call it by its path", NULL);
  return path;
}

/* An absolute folder; `` for the root itself, so that appending `/…` is always right. */
static char *bundle_of(const char *launcher) {
  char *folder = join(launcher, NULL);
  *strrchr(folder, '/') = '\0';
  if (strchr(folder, ':')) {
    fail(EXIT_PLACE, "the folder name contains `:` (", folder, "), which Python takes for the end of a path; move the folder", NULL);
  }
  return folder;
}

static struct configuration read_configuration(const char *bundle) {
  static char text[MAX_CONFIGURATION_BYTES + 1];
  struct configuration configuration = {0};
  const char *path = join(bundle, CONFIGURATION, NULL);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "cannot open ", path, " (", strerror(errno),
         "); the launcher works in its bundle only, make a symbolic link to it instead of a copy", NULL);
  }
  size_t length = 0;
  for (ssize_t got; (got = read(file, text + length, MAX_CONFIGURATION_BYTES - length)) != 0; length += (size_t)got) {
    if (got < 0) fail(EXIT_CANNOT_RUN, "cannot read ", path, " (", strerror(errno), ")", NULL);
  }
  close(file);
  const char *problem = "it is too long";
  if (length < MAX_CONFIGURATION_BYTES) problem = parse_configuration(text, length, &configuration);
  if (problem) fail(EXIT_CANNOT_RUN, path, " is damaged: ", problem, "; unpack the bundle again", NULL);
  return configuration;
}

void fail_execution(const char *program, int error) {
  struct stat status;
  struct statvfs volume;
  if (stat(program, &status) != 0) {
    fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "cannot start ", program, " (", strerror(errno), "); unpack the bundle again", NULL);
  }
  if (error == ENOENT) fail(EXIT_NOT_FOUND, "cannot start ", program, ": the loader that it names is not on this system", NULL);
  if (error == EACCES && statvfs(program, &volume) == 0 && (volume.f_flag & ST_NOEXEC)) {
    fail(EXIT_CANNOT_RUN, "cannot start ", program, ": its file system is mounted noexec; move the folder", NULL);
  }
  fail(EXIT_CANNOT_RUN, "cannot start ", program, " (", strerror(error), ")", NULL);
}

static void check_glibc(const struct configuration *configuration) {
  const char *found = configuration->glibc ? missing_glibc(configuration->glibc) : NULL;
  if (found) fail(EXIT_CANNOT_RUN, "needs glibc \xe2\x89\xa5 ", configuration->glibc, ", found ", found, NULL);
}

/* The program's argument list: how it is called, the interpreter's options, the bundle's arguments, the user's as they are. */
static char **arguments_for(const struct configuration *configuration, const struct environment *environment, const char *bundle,
                            char *first, int argc, char **argv) {
  char **list = allocate((MAX_INTERPRETER_OPTIONS + configuration->argument_count + (size_t)argc + 2) * sizeof *list);
  size_t count = 0;
  list[count++] = first;
  if (strcmp(configuration->program, configuration->python) == 0) count += interpreter_options(environment, list + count);
  for (size_t i = 0; i < configuration->argument_count; i++) list[count++] = expand_bundle(configuration->arguments[i], bundle);
  for (int i = 1; i < argc; i++) list[count++] = argv[i];
  return list;
}

/* An embedded Python that finds no python3 on PATH makes its empty name absolute, and dies where the working folder is gone. */
static void leave_deleted_folder(void) {
  char folder[PATH_MAX];
  if (!getcwd(folder, sizeof folder) && errno == ENOENT && chdir("/") != 0) {
    fail(EXIT_CANNOT_RUN, "the working folder was deleted, and / cannot be entered (", strerror(errno), ")", NULL);
  }
}

int main(int argc, char **argv, char **envp) {
  int has_proc;
  const char *bundle = bundle_of(own_path(argc > 0 ? argv[0] : NULL, &has_proc));
  struct configuration configuration = read_configuration(bundle);
  name_for_failures(configuration.name);
  check_glibc(&configuration);
  char *program = join(bundle, "/", configuration.program, NULL);
  struct environment environment = copy_environment(envp);
  prepare_environment(&environment, &configuration, bundle);
  if (!has_proc) {
    /* Without /proc the loader cannot tell what $ORIGIN is; it takes this instead. */
    char *folder = join(program, NULL);
    *strrchr(folder, '/') = '\0';
    set_private_variable(&environment, "LD_ORIGIN_PATH", folder);
  }
  if (configuration.behaviour == BEHAVIOUR_SUPERVISE) {
    char **arguments = arguments_for(&configuration, &environment, bundle, program, argc, argv);
    supervise(configuration.name, program, arguments, environment.items);
  }
  leave_deleted_folder();
  char *first = argc > 0 ? argv[0] : configuration.name;
  execve(program, arguments_for(&configuration, &environment, bundle, first, argc, argv), environment.items);
  fail_execution(program, errno);
}
