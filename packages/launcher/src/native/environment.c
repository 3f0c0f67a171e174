/* What the application sees of the caller's variables. Names are compared byte for byte, on Windows without case. */
#include "launcher.h"

#include <string.h>

#ifdef _WIN32
#define compare_names _strnicmp
static const char *const HOST_CERTIFICATE_FILES[] = {NULL};
static const char *const HOST_CERTIFICATE_FOLDERS[] = {NULL};
static const char NO_CONFIGURATION[] = "NUL";
static const char NOWHERE[] = "NUL";
#else
#define compare_names strncmp
/* Debian and Arch, Fedora and RHEL (new, old), openSUSE, Alpine and macOS and OpenBSD, NixOS: the usual places, newest first. */
static const char *const HOST_CERTIFICATE_FILES[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/certs/ca-bundle.crt",
    NULL,
};
static const char *const HOST_CERTIFICATE_FOLDERS[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", NULL};
/* An empty file to OpenSSL, and no folder to anybody. */
static const char NO_CONFIGURATION[] = "/dev/null";
static const char NOWHERE[] = "/dev/null";
#endif

static const char PRIVATE_LIST[] = "WAYBILL_PRIVATE";
static const char FORMER_VALUE[] = "WAYBILL_WAS_";
static const char HOST_TERMINFO[] = "/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/lib/terminfo:/usr/share/lib/terminfo";

/* The user's variables that cannot lead the interpreter elsewhere; each with the option that does the same. */
static const struct {
  const char *name;
  const char *options[2];
} KEPT[] = {
    {"PYTHONUNBUFFERED", {"-u", NULL}},
    {"PYTHONDONTWRITEBYTECODE", {"-B", NULL}},
    {"PYTHONFAULTHANDLER", {"-X", "faulthandler"}},
};
enum { KEPT_COUNT = sizeof KEPT / sizeof KEPT[0] };

static int starts_with(const char *text, const char *prefix) { return compare_names(text, prefix, strlen(prefix)) == 0; }

static int has_name(const char *item, const char *name) {
  size_t length = strlen(name);
  return compare_names(item, name, length) == 0 && item[length] == '=';
}

struct environment copy_environment(char **source) {
  struct environment copy = {0};
  while (source[copy.count]) copy.count++;
  copy.capacity = copy.count + 32;
  copy.items = allocate((copy.capacity + 1) * sizeof *copy.items);
  memcpy(copy.items, source, copy.count * sizeof *copy.items);
  return copy;
}

const char *get_variable(const struct environment *environment, const char *name) {
  for (size_t i = 0; i < environment->count; i++) {
    if (has_name(environment->items[i], name)) return environment->items[i] + strlen(name) + 1;
  }
  return NULL;
}

static void remove_item(struct environment *environment, size_t index) {
  environment->count--;
  memmove(environment->items + index, environment->items + index + 1, (environment->count - index) * sizeof *environment->items);
  environment->items[environment->count] = NULL;
}

/* All of them: a list with a name twice is legal to execve, and programs differ in which one they see. */
void unset_variable(struct environment *environment, const char *name) {
  for (size_t i = 0; i < environment->count;) {
    if (has_name(environment->items[i], name)) remove_item(environment, i);
    else i++;
  }
}

void set_variable(struct environment *environment, const char *name, const char *value) {
  unset_variable(environment, name);
  if (environment->count == environment->capacity) {
    size_t more = environment->capacity * 2;
    char **items = allocate((more + 1) * sizeof *items);
    memcpy(items, environment->items, environment->count * sizeof *items);
    environment->items = items;
    environment->capacity = more;
  }
  environment->items[environment->count++] = join(name, "=", value, NULL);
  environment->items[environment->count] = NULL;
}

void set_private_variable(struct environment *environment, const char *name, const char *value) {
  const char *former = get_variable(environment, name);
  const char *list = get_variable(environment, PRIVATE_LIST);
  if (former) set_variable(environment, join(FORMER_VALUE, name, NULL), former);
  set_variable(environment, PRIVATE_LIST, list ? join(list, ":", name, NULL) : name);
  set_variable(environment, name, value);
}

static int kept(const char *item) {
  for (size_t i = 0; i < KEPT_COUNT; i++) {
    if (has_name(item, KEPT[i].name)) return 1;
  }
  return 0;
}

/* Variables that lead the interpreter elsewhere, and what a launcher further up may have left behind. */
static int foreign(const char *item) {
  if (starts_with(item, "PYTHON")) return !kept(item);
  return starts_with(item, "_PYTHON_") || has_name(item, "__PYVENV_LAUNCHER__") || has_name(item, PRIVATE_LIST) ||
         starts_with(item, FORMER_VALUE);
}

static void drop_foreign(struct environment *environment) {
  for (size_t i = 0; i < environment->count;) {
    if (foreign(environment->items[i])) remove_item(environment, i);
    else i++;
  }
}

size_t interpreter_options(const struct environment *environment, char **into) {
  size_t count = 0;
  for (size_t i = 0; i < KEPT_COUNT; i++) {
    const char *value = get_variable(environment, KEPT[i].name);
    if (!value || !*value) continue;
    for (size_t j = 0; j < 2 && KEPT[i].options[j]; j++) into[count++] = (char *)KEPT[i].options[j];
  }
  return count;
}

static const char *first_readable(const char *const *paths) {
  for (; *paths; paths++) {
    if (readable(*paths)) return *paths;
  }
  return NULL;
}

static void set_default(struct environment *environment, const char *name, const char *value) {
  if (value && !get_variable(environment, name)) set_variable(environment, name, value);
}

/*
 * A carried OpenSSL looks for certificates and its configuration where the machine that built it had them. Each variable by itself:
 * the user's value, else this host's usual place, else what the bundle carries, else nowhere, never the build machine's path.
 */
static void point_openssl(struct environment *environment, const struct configuration *configuration, const char *bundle) {
  const char *file = first_readable(HOST_CERTIFICATE_FILES);
  const char *folder = first_readable(HOST_CERTIFICATE_FOLDERS);
  if (!file && configuration->certificates) file = join(bundle, "/", configuration->certificates, NULL);
  set_default(environment, "SSL_CERT_FILE", file);
  set_default(environment, "SSL_CERT_DIR", folder ? folder : NOWHERE);
  set_default(environment, "OPENSSL_CONF", NO_CONFIGURATION);
}

/*
 * An embedded interpreter takes stdio and file names in the encoding of the locale and ignores PYTHONUTF8 (pyo3#2940); in the C
 * locale that is ASCII. The interpreter's own executable would export LC_CTYPE to all its children (PEP 538): both get
 * a UTF-8 locale for their start, and the start hook gives the user's back.
 */
static void force_utf8(struct environment *environment) {
  const char *variable = locale_variable_to_replace(environment);
  if (!variable) return;
  const char *locale = utf8_locale();
  if (locale) set_private_variable(environment, variable, locale);
  else set_private_variable(environment, "PYTHONIOENCODING", "utf-8:surrogateescape");
}

void prepare_environment(struct environment *environment, const struct configuration *configuration, const char *bundle) {
  drop_foreign(environment);
  if (strcmp(configuration->program, configuration->python) != 0) {
    set_private_variable(environment, "PYTHONHOME", join(bundle, "/", configuration->home, NULL));
    set_private_variable(environment, "PYTHONNOUSERSITE", "1");
  }
  force_utf8(environment);
  if (configuration->carries_openssl) point_openssl(environment, configuration, bundle);
  else if (configuration->certificates && !first_readable(HOST_CERTIFICATE_FILES)) {
    set_default(environment, "SSL_CERT_FILE", join(bundle, "/", configuration->certificates, NULL));
  }
  if (configuration->carries_ncurses) set_default(environment, "TERMINFO_DIRS", HOST_TERMINFO);
  for (size_t i = 0; i < configuration->default_count; i++) {
    char *name = join(configuration->defaults[i], NULL);
    char *value = strchr(name, '=');
    *value++ = '\0';
    set_default(environment, name, expand_bundle(value, bundle));
  }
}
