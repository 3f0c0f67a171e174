/*
 * Which glibc does this machine have? A program that needs a newer one dies in the loader with a line per symbol; the launcher is
 * static so that it can say it in one. The version is the highest `GLIBC_2.x` among the version names that libc.so.6 defines;
 * they stand in its first bytes, with the names of its symbols.
 */
#include "launcher.h"

#ifndef __linux__

const char *missing_glibc(const char *needed) { return (void)needed, NULL; }

#else

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
static const char LOADER[] = "/lib64/ld-linux-x86-64.so.2";
static const char *const OTHER_PLACES[] = {"/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6",
                                           "/lib64/libc.so.6", "/usr/lib64/libc.so.6", "/usr/lib/libc.so.6", NULL};
#elif defined(__aarch64__)
static const char LOADER[] = "/lib/ld-linux-aarch64.so.1";
static const char *const OTHER_PLACES[] = {"/lib/aarch64-linux-gnu/libc.so.6", "/usr/lib/aarch64-linux-gnu/libc.so.6",
                                           "/lib64/libc.so.6", "/usr/lib64/libc.so.6", "/usr/lib/libc.so.6", NULL};
#else
#error "no loader is known for this architecture"
#endif

enum { SCANNED_BYTES = 1 << 20 };

/* The library beside the real loader, as distributions have it; else the usual places. */
static int open_libc(void) {
  char loader[PATH_MAX];
  if (realpath(LOADER, loader)) {
    char *slash = strrchr(loader, '/');
    *slash = '\0';
    int file = open(join(loader, "/libc.so.6", NULL), O_RDONLY | O_CLOEXEC);
    if (file >= 0) return file;
  }
  for (const char *const *place = OTHER_PLACES; *place; place++) {
    int file = open(*place, O_RDONLY | O_CLOEXEC);
    if (file >= 0) return file;
  }
  return -1;
}

static unsigned highest_minor(const char *bytes, size_t size) {
  static const char MARK[] = "GLIBC_2.";
  unsigned highest = 0;
  const char *end = bytes + size;
  for (const char *at = bytes; at < end && (at = memchr(at, 'G', (size_t)(end - at))); at++) {
    if ((size_t)(end - at) <= sizeof MARK || memcmp(at, MARK, sizeof MARK - 1) != 0) continue;
    unsigned minor = 0;
    for (const char *digit = at + sizeof MARK - 1; digit < end && *digit >= '0' && *digit <= '9' && minor < 1000; digit++) {
      minor = minor * 10 + (unsigned)(*digit - '0');
    }
    if (minor > highest) highest = minor;
  }
  return highest;
}

/* 0: libc.so.6 is there and its version cannot be told. -1: there is none. */
static int host_minor(void) {
  static int known = -2;
  if (known != -2) return known;
  int file = open_libc();
  if (file < 0) return known = -1;
  struct stat status;
  known = 0;
  if (fstat(file, &status) == 0 && status.st_size > 0) {
    size_t size = status.st_size < SCANNED_BYTES ? (size_t)status.st_size : SCANNED_BYTES;
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes != MAP_FAILED) {
      known = (int)highest_minor(bytes, size);
      munmap((void *)bytes, size);
    }
  }
  close(file);
  return known;
}

const char *missing_glibc(const char *needed) {
  const char *dot = strchr(needed, '.');
  int minor = atoi(needed) > 2 ? 1000 : dot ? atoi(dot + 1) : 0; /* no machine has a third glibc yet */
  int found = host_minor();
  if (found < 0) return "none";
  if (found == 0 || found >= minor) return NULL;
  char text[8] = "2.";
  size_t length = 2;
  if (found >= 100) text[length++] = (char)('0' + found / 100 % 10);
  if (found >= 10) text[length++] = (char)('0' + found / 10 % 10);
  text[length++] = (char)('0' + found % 10);
  text[length] = '\0';
  return join(text, NULL);
}

#endif
