/*
 * launcher.conf: the first line is `waybill-launcher 1`, then one `key value` per line, the last line is `end` (a file cut short
 * is damaged, not a smaller configuration). In values `\n` is a line feed and `\\` a backslash. Everything unknown is refused:
 * a launcher that guesses would start something else than what was proved.
 */
#include "launcher.h"

#include <string.h>

enum { MAX_REPEATED = 256 };

/* A path that cannot leave the bundle. */
static int valid_path(const char *path) {
  if (*path == '\0' || *path == '/' || strchr(path, '\\')) return 0;
  for (const char *part = path; part;) {
    const char *end = strchr(part, '/');
    size_t length = end ? (size_t)(end - part) : strlen(part);
    if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.')) return 0;
    part = end ? end + 1 : NULL;
  }
  return 1;
}

static int valid_name(const char *name) {
  return *name != '\0' && !strchr(name, '/') && !strchr(name, '\\') && !strchr(name, '\n');
}

static int valid_default(const char *text) {
  const char *equals = strchr(text, '=');
  return equals && equals != text;
}

/* `2.35`: digits, a dot, digits. */
static int valid_glibc(const char *version) {
  size_t major = strspn(version, "0123456789");
  if (major == 0 || version[major] != '.') return 0;
  const char *minor = version + major + 1;
  return *minor && minor[strspn(minor, "0123456789")] == '\0';
}

/* In place; 0 when an escape is unknown. */
static int unescape(char *text) {
  char *out = text;
  for (const char *in = text; *in; in++) {
    if (*in != '\\') {
      *out++ = *in;
    } else if (in[1] == 'n' || in[1] == '\\') {
      *out++ = *++in == 'n' ? '\n' : '\\';
    } else {
      return 0;
    }
  }
  *out = '\0';
  return 1;
}

static const char *set_once(char **place, char *value, int (*valid)(const char *)) {
  if (*place) return "the key stands there twice";
  if (!valid(value)) return "the value is not valid";
  *place = value;
  return NULL;
}

static const char *append(char ***list, size_t *count, char *value) {
  if (*count == MAX_REPEATED) return "there are too many lines of this key";
  if (!*list) *list = allocate((MAX_REPEATED + 1) * sizeof **list);
  (*list)[(*count)++] = value;
  return NULL;
}

static const char *set_behaviour(struct configuration *into, const char *value) {
  if (into->behaviour != BEHAVIOUR_UNSET) return "the key stands there twice";
  if (strcmp(value, "become") == 0) into->behaviour = BEHAVIOUR_BECOME;
  else if (strcmp(value, "supervise") == 0) into->behaviour = BEHAVIOUR_SUPERVISE;
  else return "the value is not valid";
  return NULL;
}

static const char *set_carries(struct configuration *into, const char *value) {
  if (strcmp(value, "openssl") == 0) into->carries_openssl = 1;
  else if (strcmp(value, "ncurses") == 0) into->carries_ncurses = 1;
  else return "the value is not valid";
  return NULL;
}

static const char *set_key(struct configuration *into, const char *key, char *value) {
  if (strcmp(key, "behaviour") == 0) return set_behaviour(into, value);
  if (strcmp(key, "name") == 0) return set_once(&into->name, value, valid_name);
  if (strcmp(key, "program") == 0) return set_once(&into->program, value, valid_path);
  if (strcmp(key, "home") == 0) return set_once(&into->home, value, valid_path);
  if (strcmp(key, "python") == 0) return set_once(&into->python, value, valid_path);
  if (strcmp(key, "glibc") == 0) return set_once(&into->glibc, value, valid_glibc);
  if (strcmp(key, "certificates") == 0) return set_once(&into->certificates, value, valid_path);
  if (strcmp(key, "carries") == 0) return set_carries(into, value);
  if (strcmp(key, "argument") == 0) return append(&into->arguments, &into->argument_count, value);
  if (strcmp(key, "default") == 0) {
    return valid_default(value) ? append(&into->defaults, &into->default_count, value) : "the value is not valid";
  }
  return "the key is not known";
}

static const char *missing_key(const struct configuration *configuration) {
  if (configuration->behaviour == BEHAVIOUR_UNSET) return "`behaviour` is missing";
  if (!configuration->name) return "`name` is missing";
  if (!configuration->program) return "`program` is missing";
  if (!configuration->home) return "`home` is missing";
  if (!configuration->python) return "`python` is missing";
  return NULL;
}

static char *decimal(unsigned number) {
  char digits[12];
  size_t at = sizeof digits - 1;
  digits[at] = '\0';
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  return join(digits + at, NULL);
}

static const char *set_line(struct configuration *into, char *line) {
  char *value = strchr(line, ' ');
  if (!value) return "the line has no value";
  *value++ = '\0';
  return unescape(value) ? set_key(into, line, value) : "the escape is not known";
}

const char *parse_configuration(char *text, size_t length, struct configuration *into) {
  memset(into, 0, sizeof *into);
  if (memchr(text, '\0', length)) return "it holds a zero byte";
  unsigned number = 1;
  for (char *line = text, *next; (next = strchr(line, '\n')); line = next, number++) {
    *next++ = '\0';
    const char *problem = NULL;
    if (number == 1) {
      if (strcmp(line, "waybill-launcher 1") != 0) problem = "expected `waybill-launcher 1`";
    } else if (strcmp(line, "end") == 0) {
      return *next ? "there is text after `end`" : missing_key(into);
    } else {
      problem = set_line(into, line);
    }
    if (problem) return join("line ", decimal(number), ": ", problem, NULL);
  }
  return "it is cut short: there is no line `end`";
}

char *expand_bundle(const char *text, const char *bundle) {
  static const char PLACE[] = "{bundle}";
  char *result = join("", NULL);
  for (const char *found; (found = strstr(text, PLACE)); text = found + sizeof PLACE - 1) {
    char *before = join(text, NULL);
    before[found - text] = '\0';
    result = join(result, before, bundle, NULL);
  }
  return join(result, text, NULL);
}
