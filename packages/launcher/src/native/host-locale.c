/*
 * Does the user's locale exist on this machine? The launcher is a static program and cannot ask the host's C library, so it looks
 * where glibc looks: /usr/lib/locale/<name>, or the archive of locales beside it. Where the user has moved that (LOCPATH,
 * LOCALE_ARCHIVE), and on other systems than Linux, the locale is left alone.
 */
#include "launcher.h"

#ifndef __linux__

const char *locale_variable_to_replace(const struct environment *environment) { return (void)environment, NULL; }
const char *utf8_locale(void) { return NULL; }

#else

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FOLDER[] = "/usr/lib/locale/";
static const char ARCHIVE[] = "/usr/lib/locale/locale-archive";
static const uint32_t ARCHIVE_MAGIC = 0xde020109;

/* Head of locale-archive (glibc locale/locarchive.h); numbers in the machine's byte order. */
struct archive_head {
  uint32_t magic, serial;
  uint32_t name_offset, name_used, name_size;
};
struct archive_name {
  uint32_t hash, text_offset, record_offset;
};

/* glibc compares the charset in lower case without punctuation: `en_US.UTF-8` is kept as `en_US.utf8`. */
static char *normalised(const char *name) {
  char *copy = join(name, NULL);
  char *charset = strchr(copy, '.');
  if (!charset) return copy;
  char *out = ++charset;
  for (const char *in = charset; *in && *in != '@'; in++) {
    if (*in >= 'A' && *in <= 'Z') *out++ = (char)(*in + 'a' - 'A');
    else if ((*in >= 'a' && *in <= 'z') || (*in >= '0' && *in <= '9')) *out++ = *in;
  }
  const char *modifier = strchr(name, '@');
  memmove(out, modifier ? modifier : "", modifier ? strlen(modifier) + 1 : 1);
  return copy;
}

static int holds_name(const char *bytes, size_t size, const char *name) {
  const struct archive_head *head = (const struct archive_head *)bytes;
  size_t length = strlen(name) + 1;
  if (size < sizeof *head || head->magic != ARCHIVE_MAGIC || head->name_offset > size) return 0;
  if (head->name_size > (size - head->name_offset) / sizeof(struct archive_name)) return 0;
  for (uint32_t i = 0; i < head->name_size; i++) {
    struct archive_name entry;
    memcpy(&entry, bytes + head->name_offset + i * sizeof entry, sizeof entry);
    if (entry.record_offset == 0 || entry.text_offset > size || size - entry.text_offset < length) continue;
    if (memcmp(bytes + entry.text_offset, name, length) == 0) return 1;
  }
  return 0;
}

static int in_archive(const char *name) {
  struct stat status;
  int file = open(ARCHIVE, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  int found = 0;
  if (fstat(file, &status) == 0 && status.st_size > 0) {
    size_t size = (size_t)status.st_size;
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes != MAP_FAILED) {
      found = holds_name(bytes, size, name);
      munmap((void *)bytes, size);
    }
  }
  close(file);
  return found;
}

static int exists(const char *name) {
  if (strchr(name, '/')) return 1;
  const char *plain = normalised(name);
  return readable(join(FOLDER, name, "/LC_CTYPE", NULL)) || readable(join(FOLDER, plain, "/LC_CTYPE", NULL)) || in_archive(plain);
}

/* musl knows every name, and gives UTF-8 for all but C. */
static int has_glibc(void) {
  const char *lacking = missing_glibc("2.0");
  return !lacking || strcmp(lacking, "none") != 0;
}

static int is_c(const char *name) { return strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0; }
static int is_c_utf8(const char *name) { return strcmp(normalised(name), "C.utf8") == 0; }
static int set_to_something(const char *value) { return value && *value; }

const char *locale_variable_to_replace(const struct environment *environment) {
  const char *all = get_variable(environment, "LC_ALL");
  const char *type = get_variable(environment, "LC_CTYPE");
  const char *language = get_variable(environment, "LANG");
  const char *variable = set_to_something(all) ? "LC_ALL" : "LC_CTYPE";
  const char *name = set_to_something(all) ? all : set_to_something(type) ? type : language;
  if (!set_to_something(name) || is_c(name)) return variable;
  if (!has_glibc() || (is_c_utf8(name) && !missing_glibc("2.35"))) return NULL;
  if (get_variable(environment, "LOCPATH") || get_variable(environment, "LOCALE_ARCHIVE")) return NULL;
  return exists(name) ? NULL : variable;
}

/* glibc has C.UTF-8 built in since 2.35, distributions had it as files before, RHEL 7 has neither. */
const char *utf8_locale(void) {
  static const char *const FALLBACKS[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
  if (!has_glibc() || !missing_glibc("2.35")) return FALLBACKS[0];
  for (size_t i = 0; i < sizeof FALLBACKS / sizeof FALLBACKS[0]; i++) {
    if (exists(FALLBACKS[i])) return FALLBACKS[i];
  }
  return NULL;
}

#endif
