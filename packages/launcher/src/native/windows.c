/*
 * Windows: there is no exec, so both behaviours start a child and wait. A job object ends the child with the launcher, however that
 * ends. Ctrl-C and Ctrl-Break reach every process of the console by themselves. Text is UTF-8 inside and UTF-16 at the edges; the
 * user's arguments are never taken apart: the rest of the command line is handed on as it came.
 */
#include "launcher.h"

#include <string.h>
#include <windows.h>

enum { MAX_PATH_UNITS = 32768, MAX_CONFIGURATION_BYTES = 64 * 1024, SECOND_INTERRUPT_MS = 10 * 1000 };

static HANDLE job;
static int kills_at_second_interrupt;

static char *narrow(const wchar_t *text) {
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char *result = allocate((size_t)size + 1);
  WideCharToMultiByte(CP_UTF8, 0, text, -1, result, size, NULL, NULL);
  return result;
}

static wchar_t *widen(const char *text) {
  int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
  wchar_t *result = allocate(((size_t)size + 1) * sizeof *result);
  MultiByteToWideChar(CP_UTF8, 0, text, -1, result, size);
  return result;
}

static char *backslashes(char *path) {
  for (char *at = path; *at; at++) {
    if (*at == '/') *at = '\\';
  }
  return path;
}

/* The folder of the launcher's file, symbolic links followed. */
static char *find_bundle(void) {
  static wchar_t path[MAX_PATH_UNITS], final[MAX_PATH_UNITS];
  if (!GetModuleFileNameW(NULL, path, MAX_PATH_UNITS)) fail(EXIT_CANNOT_RUN, "the launcher cannot find its own file", NULL);
  const wchar_t *found = path;
  HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
  if (file != INVALID_HANDLE_VALUE) {
    DWORD length = GetFinalPathNameByHandleW(file, final, MAX_PATH_UNITS, FILE_NAME_NORMALIZED);
    /* `\\?\C:\…`: Python does not take such a home; `\\?\UNC\…` keeps the path as it was called. */
    if (length > 0 && length < MAX_PATH_UNITS && wcsncmp(final, L"\\\\?\\UNC\\", 8) != 0) {
      found = wcsncmp(final, L"\\\\?\\", 4) == 0 ? final + 4 : final;
    }
    CloseHandle(file);
  }
  char *bundle = narrow(found);
  *strrchr(bundle, '\\') = '\0';
  if (strchr(bundle, ';')) {
    fail(EXIT_PLACE, "the folder name contains `;` (", bundle, "), which Python takes for the end of a path; move the folder", NULL);
  }
  return bundle;
}

static struct configuration read_configuration(const char *bundle) {
  static char text[MAX_CONFIGURATION_BYTES + 1];
  struct configuration configuration = {0};
  const char *path = join(bundle, "\\share\\waybill\\launcher.conf", NULL);
  HANDLE file = CreateFileW(widen(path), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) {
    fail(EXIT_NOT_FOUND, "cannot open ", path, "; the launcher works in its bundle only, unpack the bundle again", NULL);
  }
  DWORD length = 0;
  BOOL read = ReadFile(file, text, MAX_CONFIGURATION_BYTES, &length, NULL);
  CloseHandle(file);
  const char *problem = "it cannot be read, or it is too long";
  if (read && length < MAX_CONFIGURATION_BYTES) problem = parse_configuration(text, length, &configuration);
  if (problem) fail(EXIT_CANNOT_RUN, path, " is damaged: ", problem, "; unpack the bundle again", NULL);
  return configuration;
}

static struct environment read_environment(void) {
  wchar_t *block = GetEnvironmentStringsW();
  size_t count = 0;
  for (const wchar_t *at = block; *at; at += wcslen(at) + 1) count++;
  char **items = allocate((count + 1) * sizeof *items);
  count = 0;
  for (const wchar_t *at = block; *at; at += wcslen(at) + 1) items[count++] = narrow(at);
  FreeEnvironmentStringsW(block);
  return copy_environment(items);
}

static wchar_t *environment_block(const struct environment *environment) {
  size_t units = 1;
  for (size_t i = 0; i < environment->count; i++) units += wcslen(widen(environment->items[i])) + 1;
  wchar_t *block = allocate((units + 1) * sizeof *block), *at = block;
  for (size_t i = 0; i < environment->count; i++) at += wcslen(wcscpy(at, widen(environment->items[i]))) + 1;
  return block;
}

/* One argument as CommandLineToArgvW reads it: backslashes count only before a quote. */
static char *quoted(const char *argument) {
  char *result = allocate(2 * strlen(argument) + 3), *out = result;
  size_t backslashes_before = 0;
  *out++ = '"';
  for (const char *in = argument; *in; in++) {
    if (*in == '"') {
      for (size_t i = 0; i <= backslashes_before; i++) *out++ = '\\';
    }
    backslashes_before = *in == '\\' ? backslashes_before + 1 : 0;
    *out++ = *in;
  }
  while (backslashes_before-- > 0) *out++ = '\\';
  *out++ = '"';
  return result;
}

/* What stands behind the program's name on this process's command line. */
static const wchar_t *user_arguments(void) {
  const wchar_t *line = GetCommandLineW();
  int inside = 0;
  for (; *line && (inside || (*line != L' ' && *line != L'\t')); line++) {
    if (*line == L'"') inside = !inside;
  }
  return line;
}

static wchar_t *command_line(const struct configuration *configuration, const struct environment *environment, const char *bundle,
                             const char *program) {
  char *options[MAX_INTERPRETER_OPTIONS], *line = quoted(program);
  size_t count = strcmp(configuration->program, configuration->python) == 0 ? interpreter_options(environment, options) : 0;
  for (size_t i = 0; i < count; i++) line = join(line, " ", options[i], NULL);
  for (size_t i = 0; i < configuration->argument_count; i++) {
    line = join(line, " ", quoted(expand_bundle(configuration->arguments[i], bundle)), NULL);
  }
  wchar_t *own = widen(line);
  const wchar_t *rest = user_arguments();
  wchar_t *result = allocate((wcslen(own) + wcslen(rest) + 1) * sizeof *result);
  return wcscat(wcscpy(result, own), rest);
}

/* The child has got the same event. A program that the launcher has only become decides by itself. */
static BOOL WINAPI on_console_event(DWORD event) {
  static ULONGLONG last;
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) return FALSE;
  ULONGLONG now = GetTickCount64();
  if (kills_at_second_interrupt && last != 0 && now - last < SECOND_INTERRUPT_MS) TerminateJobObject(job, STATUS_CONTROL_C_EXIT);
  last = now;
  return TRUE;
}

static HANDLE job_that_ends_with_us(void) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  HANDLE created = CreateJobObjectW(NULL, NULL);
  if (created) SetInformationJobObject(created, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return created;
}

static DWORD run(const char *program, wchar_t *line, wchar_t *environment) {
  STARTUPINFOW start = {0};
  PROCESS_INFORMATION process;
  DWORD exit_code = EXIT_CANNOT_RUN;
  start.cb = sizeof start;
  SetConsoleCtrlHandler(on_console_event, TRUE);
  job = job_that_ends_with_us();
  DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT;
  if (!CreateProcessW(widen(program), line, NULL, NULL, TRUE, flags, environment, NULL, &start, &process)) {
    int missing = GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND;
    fail(missing ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "cannot start ", program, "; unpack the bundle again", NULL);
  }
  if (job) AssignProcessToJobObject(job, process.hProcess);
  ResumeThread(process.hThread);
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &exit_code);
  return exit_code;
}

int main(void) {
  char *bundle = find_bundle();
  struct configuration configuration = read_configuration(bundle);
  name_for_failures(configuration.name);
  kills_at_second_interrupt = configuration.behaviour == BEHAVIOUR_SUPERVISE;
  struct environment environment = read_environment();
  prepare_environment(&environment, &configuration, bundle);
  if (strcmp(configuration.program, configuration.python) != 0) {
    /* The loader finds the interpreter's library by PATH only: it lies in the interpreter's home. */
    const char *path = get_variable(&environment, "PATH");
    char *home = backslashes(join(bundle, "\\", configuration.home, NULL));
    set_private_variable(&environment, "PATH", join(home, ";", bundle, "\\lib", path ? ";" : "", path ? path : "", NULL));
  }
  char *program = backslashes(join(bundle, "\\", configuration.program, NULL));
  wchar_t *line = command_line(&configuration, &environment, bundle, program);
  return (int)run(program, line, environment_block(&environment));
}
