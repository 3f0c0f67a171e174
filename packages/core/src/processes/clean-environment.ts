import { isAbsolute } from 'node:path';

/** Where programs, the user's files and temporary files are. */
const PLACES = ['PATH', 'HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'];

/** Windows programs do not start without these. */
const WINDOWS = [
  'APPDATA',
  'COMSPEC',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'WINDIR',
];

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

const CERTIFICATES = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'NIX_SSL_CERT_FILE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];

/** Where package tools download from and how; nothing that changes where or what they install. */
const INDEXES = [
  'NETRC',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'PIP_CACHE_DIR',
  'PIP_CERT',
  'PIP_CLIENT_CERT',
  'PIP_CONFIG_FILE',
  'PIP_DEFAULT_TIMEOUT',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_INDEX_URL',
  'PIP_KEYRING_PROVIDER',
  'PIP_NO_INDEX',
  'PIP_PROXY',
  'PIP_RETRIES',
  'PIP_TIMEOUT',
  'PIP_TRUSTED_HOST',
  'UV_CACHE_DIR',
  'UV_CONFIG_FILE',
  'UV_CREDENTIALS_DIR',
  'UV_DEFAULT_INDEX',
  'UV_EXTRA_INDEX_URL',
  'UV_FIND_LINKS',
  'UV_HTTP_TIMEOUT',
  'UV_INDEX',
  'UV_INDEX_STRATEGY',
  'UV_INDEX_URL',
  'UV_INSECURE_HOST',
  'UV_KEYRING_PROVIDER',
  'UV_NATIVE_TLS',
  'UV_NO_INDEX',
  'UV_OFFLINE',
  'UV_PYTHON_DOWNLOADS_JSON_URL',
  'UV_PYTHON_INSTALL_DIR',
  'UV_PYTHON_INSTALL_MIRROR',
  'UV_SYSTEM_CERTS',
];

/** Credentials of a named index of uv: `UV_INDEX_INTERNAL_PASSWORD`. */
const UV_INDEX_CREDENTIAL = /^UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)$/;

/** The same answer on every machine: no local time, no translated messages, no random order of sets. */
const FIXED = { TZ: 'UTC', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' };

/** XDG Base Directory Specification: one that is empty or relative counts for nothing. */
const XDG = /^XDG_.*_HOME$/;
/** Empty they would name the working folder, or the root, for some tools, and nothing for others. */
const FOLDERS = /^(XDG_.*_HOME|TMPDIR|CARGO_HOME|RUSTUP_HOME|(PIP|UV)_CACHE_DIR|UV_PYTHON_INSTALL_DIR|UV_CREDENTIALS_DIR)$/;

const KEPT = new Set([...PLACES, ...PROXIES, ...CERTIFICATES, ...INDEXES]);
const KEPT_ON_WINDOWS = new Set([...KEPT, ...WINDOWS].map((name) => name.toUpperCase()));

/**
 * The environment of every foreign program: places, proxies, certificates and index settings by name, the variables that the `passEnv`
 * option names, fixed values for what would make output depend on the machine, then `extra`, which wins. Nothing else.
 */
export function cleanEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  passEnv: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const passed = new Set(passEnv);
  const windows = process.platform === 'win32';
  const kept = Object.entries(source).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    if (value === undefined || (value === '' && FOLDERS.test(name)) || (XDG.test(name) && !isAbsolute(value))) return false;
    return passed.has(name) || UV_INDEX_CREDENTIAL.test(name) || (windows ? KEPT_ON_WINDOWS.has(name.toUpperCase()) : KEPT.has(name));
  });
  const fixed = Object.entries(FIXED).filter(([name]) => !passed.has(name) || source[name] === undefined);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(fixed), ...extra };
}
