/* Failures and the few things of memory and text that all files share. */
#include "launcher.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <io.h>
#define write _write
#define access _access
#define R_OK 4
#else
#include <unistd.h>
#endif

static const char *failing_name = "launcher";

void name_for_failures(const char *name) { failing_name = name; }

/* One write: the line stays whole when many processes share the terminal or a log. */
void fail(int exit_code, ...) {
  char line[8192];
  size_t length = 0;
  va_list parts;
  va_start(parts, exit_code);
  const char *separator = ": ";
  for (const char *part = failing_name; part; part = separator ? separator : va_arg(parts, const char *)) {
    size_t size = strlen(part);
    if (size > sizeof line - 1 - length) size = sizeof line - 1 - length;
    memcpy(line + length, part, size);
    length += size;
    if (part == separator) separator = NULL;
  }
  va_end(parts);
  line[length++] = '\n';
  if (write(2, line, (unsigned)length) < 0) _exit(exit_code);
  _exit(exit_code);
}

void *allocate(size_t size) {
  void *memory = calloc(1, size);
  if (!memory) fail(EXIT_CANNOT_RUN, "out of memory", NULL);
  return memory;
}

char *join(const char *first, ...) {
  va_list parts;
  size_t length = strlen(first);
  va_start(parts, first);
  for (const char *part; (part = va_arg(parts, const char *));) length += strlen(part);
  va_end(parts);
  char *result = allocate(length + 1);
  char *at = result + strlen(strcpy(result, first));
  va_start(parts, first);
  for (const char *part; (part = va_arg(parts, const char *));) at += strlen(strcpy(at, part));
  va_end(parts);
  return result;
}

int readable(const char *path) { return access(path, R_OK) == 0; }
