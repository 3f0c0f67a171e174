/** A library as people and licence lists call it. */
export interface KnownLibrary {
  name: string;
  /** SPDX expression. */
  licence: string;
  /** Part of a desktop: a bundle cannot bring one along, its programs belong to the user's system. */
  desktop?: true;
}

const known = (licence: string, name: string, ...stems: string[]): [string, KnownLibrary][] => stems.map((stem) => [stem, { name, licence }]);
const desktop = (licence: string, name: string, ...stems: string[]): [string, KnownLibrary][] =>
  stems.map((stem) => [stem, { name, licence, desktop: true }]);

const GCC = 'GPL-3.0-or-later WITH GCC-exception-3.1';

/**
 * Stem of a SONAME (up to `.so`, version digits after a dash cut off) → library. Sources: the projects' own licence files and
 * Debian's copyright files; the runtime libraries of GCC carry the exception that lets any program use them.
 */
const LIBRARIES: Readonly<Record<string, KnownLibrary>> = Object.fromEntries([
  ...known('Zlib', 'zlib', 'libz'),
  ...known('bzip2-1.0.6', 'bzip2', 'libbz2'),
  ...known('0BSD', 'xz', 'liblzma'),
  ...known('BSD-3-Clause OR GPL-2.0-only', 'zstd', 'libzstd'),
  ...known('BSD-2-Clause', 'lz4', 'liblz4'),
  ...known('MIT', 'brotli', 'libbrotlicommon', 'libbrotlidec', 'libbrotlienc'),
  ...known('MIT', 'libffi', 'libffi'),
  ...known('MIT', 'expat', 'libexpat'),
  ...known('MIT', 'libxml2', 'libxml2'),
  ...known('MIT', 'libxslt', 'libxslt', 'libexslt'),
  ...known('blessing', 'sqlite', 'libsqlite3'),
  ...known('BSD-2-Clause', 'mpdecimal', 'libmpdec'),
  ...known('BSD-3-Clause', 'libuuid', 'libuuid'),
  ...known('BSD-3-Clause', 'libedit', 'libedit'),
  ...known('BSD-3-Clause', 'libbsd', 'libbsd', 'libmd'),
  ...known(
    'X11',
    'ncurses',
    'libncurses',
    'libncursesw',
    'libtinfo',
    'libtinfow',
    'libpanel',
    'libpanelw',
    'libform',
    'libformw',
    'libmenu',
    'libmenuw',
  ),
  ...known('LGPL-2.1-or-later', 'libxcrypt', 'libcrypt'),
  ...known('LGPL-2.1-or-later', 'libnsl', 'libnsl'),
  ...known('BSD-3-Clause', 'libtirpc', 'libtirpc'),
  ...known('MIT', 'krb5', 'libgssapi_krb5', 'libkrb5', 'libk5crypto', 'libkrb5support'),
  ...known('LGPL-2.1-or-later', 'e2fsprogs', 'libcom_err'),
  ...known('LGPL-2.1-or-later', 'keyutils', 'libkeyutils'),
  ...known(GCC, 'gcc-runtime', 'libgcc_s', 'libstdc++', 'libgomp', 'libgfortran', 'libatomic', 'libssp', 'libitm'),
  ...known('LGPL-2.1-or-later', 'libquadmath', 'libquadmath'),
  ...known('Apache-2.0 WITH LLVM-exception', 'llvm-runtime', 'libc++', 'libc++abi', 'libunwind'),
  ...known('ICU', 'icu', 'libicudata', 'libicui18n', 'libicuuc', 'libicuio'),
  ...known('curl', 'curl', 'libcurl', 'libcurl-gnutls'),
  ...known('MIT', 'nghttp2', 'libnghttp2'),
  ...known('BSD-3-Clause', 'libssh2', 'libssh2'),
  ...known('PostgreSQL', 'postgresql', 'libpq'),
  ...known('BSD-3-Clause', 'pcre2', 'libpcre2-8', 'libpcre2-16', 'libpcre2-32', 'libpcre2-posix'),
  ...known('LGPL-2.1-or-later', 'glib', 'libglib-2.0', 'libgobject-2.0', 'libgio-2.0', 'libgmodule-2.0', 'libgthread-2.0'),
  ...known('LGPL-3.0-or-later OR GPL-2.0-or-later', 'gmp', 'libgmp'),
  ...known('BSD-3-Clause', 'openblas', 'libopenblas'),
  ...known('Libpng-2.0', 'libpng', 'libpng16'),
  ...known('IJG AND BSD-3-Clause', 'libjpeg-turbo', 'libjpeg', 'libturbojpeg'),
  ...known('BSD-3-Clause', 'snappy', 'libsnappy'),
  ...known('MIT', 'yaml', 'libyaml-0'),
  ...known('ISC', 'libsodium', 'libsodium'),
  ...known('PSF-2.0', 'python', 'libpython3'),
  ...known('LGPL-3.0-or-later', 'mpfr', 'libmpfr', 'libmpc'),
  ...known('LGPL-3.0-or-later OR GPL-2.0-or-later', 'nettle', 'libnettle', 'libhogweed'),
  ...known('LGPL-3.0-or-later OR GPL-2.0-or-later', 'libunistring', 'libunistring', 'libidn2'),
  ...known('LGPL-2.1-or-later', 'gnutls', 'libgnutls'),
  ...known('LGPL-2.1-or-later', 'libtasn1', 'libtasn1'),
  ...known('BSD-3-Clause', 'p11-kit', 'libp11-kit'),
  ...known('LGPL-2.1-or-later', 'librtmp', 'librtmp'),
  ...known('MIT', 'libpsl', 'libpsl'),
  ...known('OLDAP-2.8', 'openldap', 'libldap', 'liblber'),
  ...known('BSD-3-Clause-Attribution', 'cyrus-sasl', 'libsasl2'),
  ...known('LGPL-2.1-or-later', 'mariadb-connector', 'libmariadb'),
  ...known('LGPL-2.1-or-later', 'unixodbc', 'libodbc', 'libodbcinst', 'libodbccr'),
  ...known('LGPL-2.0-or-later', 'freetds', 'libct', 'libsybdb', 'libtdsodbc'),
  ...known('LGPL-2.1-or-later', 'libtool', 'libltdl'),
  ...known('LGPL-2.1-or-later', 'util-linux', 'libmount', 'libblkid'),
  ...known('LGPL-2.1-or-later', 'systemd', 'libsystemd', 'libudev'),
  ...known('BSD-3-Clause OR GPL-2.0-only', 'libcap', 'libcap'),
  ...known('LGPL-2.1-or-later', 'libusb', 'libusb-1.0'),
  ...known('BSD-3-Clause', 'pcre', 'libpcre'),
  ...known('libselinux-1.0', 'selinux', 'libselinux'),
  ...known('LGPL-2.1-only', 'geos', 'libgeos', 'libgeos_c'),
  ...known('MIT', 'proj', 'libproj'),
  ...known('BSD-3-Clause', 'hdf5', 'libhdf5', 'libhdf5_hl', 'libhdf5_serial', 'libhdf5_serial_hl'),
  ...known('MPL-2.0', 'zeromq', 'libzmq'),
  ...known('BSD-2-Clause', 'librdkafka', 'librdkafka'),
  ...known('BSD-2-Clause', 'file', 'libmagic'),
  ...known('BSD-2-Clause', 'libarchive', 'libarchive'),
  ...known('BSD-3-Clause', 'libpcap', 'libpcap'),
  ...known('MIT', 'libuv', 'libuv'),
  ...known('BSD-2-Clause OR GPL-2.0-or-later', 'libev', 'libev'),
  ...known('BSD-3-Clause', 'libevent', 'libevent', 'libevent_core', 'libevent_pthreads', 'libevent_openssl'),
  ...known('MIT', 'c-ares', 'libcares'),
  ...known('MIT', 'xmlsec', 'libxmlsec1', 'libxmlsec1-openssl'),
  ...known('LGPL-2.1-or-later', 'libsndfile', 'libsndfile'),
  ...known('MIT', 'portaudio', 'libportaudio'),
  ...known('BSD-3-Clause', 'xiph', 'libFLAC', 'libogg', 'libvorbis', 'libvorbisenc', 'libvorbisfile', 'libopus'),
  ...known('LGPL-2.0-or-later', 'lame', 'libmp3lame'),
  ...known('BSD-3-Clause', 'libwebp', 'libwebp', 'libwebpmux', 'libwebpdemux', 'libsharpyuv'),
  ...known('libtiff', 'libtiff', 'libtiff'),
  ...known('BSD-2-Clause', 'openjpeg', 'libopenjp2'),
  ...known('MIT', 'lcms', 'liblcms2'),
  ...known('GPL-3.0-or-later', 'readline', 'libreadline', 'libhistory'),
  ...known('GPL-3.0-or-later', 'gdbm', 'libgdbm', 'libgdbm_compat'),
  ...known('Sleepycat', 'berkeley-db', 'libdb'),
  ...known('GPL-2.0-only', 'mysql', 'libmysqlclient'),
  ...known('AGPL-3.0-or-later', 'ghostscript', 'libgs'),
  ...desktop('TCL', 'tcl', 'libtcl8.6', 'libtcl9.0', 'libtcl'),
  ...desktop('TCL', 'tk', 'libtk8.6', 'libtcl9tk9.0', 'libtk'),
  ...desktop(
    'MIT',
    'x11',
    'libX11',
    'libX11-xcb',
    'libxcb',
    'libXau',
    'libXdmcp',
    'libXext',
    'libXft',
    'libXrender',
    'libXss',
    'libXmu',
    'libXv',
    'libXres',
    'libxshmfence',
    'libxcvt',
    'libXi',
    'libXrandr',
    'libXcursor',
    'libXfixes',
    'libxkbcommon',
    'libxkbcommon-x11',
    'libxkbfile',
    'libXcomposite',
    'libXdamage',
    'libXtst',
    'libXinerama',
    'libXxf86vm',
    'libXpm',
    'libXt',
    'libSM',
    'libICE',
    ...'cursor composite damage dpms dri2 dri3 glx icccm image keysyms present randr record render render-util res screensaver shape shm sync util xf86dri xfixes xinerama xinput xkb xv xvmc'
      .split(' ')
      .map((part) => `libxcb-${part}`),
  ),
  ...desktop('AFL-2.1 OR GPL-2.0-or-later', 'dbus', 'libdbus-1'),
  ...desktop('MIT', 'harfbuzz', 'libharfbuzz', 'libharfbuzz-gobject', 'libharfbuzz-subset'),
  ...desktop('LGPL-2.1-or-later', 'fribidi', 'libfribidi'),
  ...desktop('LGPL-2.1-or-later', 'thai', 'libthai', 'libdatrie'),
  ...desktop('MIT', 'pixman', 'libpixman-1'),
  ...desktop('MPL-2.0', 'nss', 'libnss3', 'libnssutil3', 'libsmime3', 'libssl3', 'libnspr4', 'libplc4', 'libplds4'),
  ...desktop('Apache-2.0', 'cups', 'libcups'),
  ...desktop('SGI-B-2.0', 'glu', 'libGLU'),
  ...desktop('MIT', 'fontconfig', 'libfontconfig'),
  ...desktop('FTL OR GPL-2.0-or-later', 'freetype', 'libfreetype'),
  ...desktop('MIT', 'mesa', 'libGL', 'libEGL', 'libGLX', 'libGLdispatch', 'libOpenGL', 'libGLESv2', 'libglapi', 'libgbm', 'libdrm'),
  ...desktop('MIT', 'epoxy', 'libepoxy'),
  ...desktop('Apache-2.0', 'vulkan-loader', 'libvulkan'),
  ...desktop('MIT', 'libva', 'libva', 'libva-drm', 'libva-x11', 'libva-wayland', 'libva-glx'),
  ...desktop('MIT', 'vdpau', 'libvdpau'),
  ...desktop('MIT', 'wayland', 'libwayland-client', 'libwayland-cursor', 'libwayland-egl', 'libwayland-server'),
  ...desktop('MIT', 'libinput', 'libinput', 'libmtdev', 'libevdev'),
  ...desktop(
    'LGPL-2.1-or-later',
    'gtk',
    ...'libgtk-3 libgdk-3 libgtk-4 libgtk-x11-2.0 libgdk-x11-2.0 libpango-1.0 libpangocairo-1.0 libpangoft2-1.0 libcairo libcairo-gobject libatk-1.0 libatk-bridge-2.0 libatspi libgdk_pixbuf-2.0'.split(
      ' ',
    ),
  ),
  ...desktop('LGPL-2.1-or-later', 'gnome', 'libsecret-1', 'libnotify', 'libcanberra', 'libspeechd'),
  ...desktop('LGPL-2.1-or-later', 'webkitgtk', 'libwebkit2gtk-4.0', 'libwebkit2gtk-4.1', 'libjavascriptcoregtk-4.0', 'libjavascriptcoregtk-4.1'),
  ...desktop(
    'LGPL-2.1-or-later',
    'gstreamer',
    'libgstreamer-1.0',
    ...'allocators app audio base gl pbutils tag video'.split(' ').map((part) => `libgst${part}-1.0`),
  ),
  ...desktop('LGPL-2.1-or-later', 'alsa', 'libasound'),
  ...desktop('LGPL-2.1-or-later', 'pulseaudio', 'libpulse', 'libpulse-simple', 'libpulse-mainloop-glib'),
  ...desktop('LGPL-2.1-or-later', 'jack', 'libjack'),
  ...desktop('MIT', 'pipewire', 'libpipewire-0.3'),
]);

/** OpenSSL changed its licence with version 3. */
const openssl = (soname: string): KnownLibrary => ({ name: 'openssl', licence: /\.so\.(0|1)(\.|$)/.test(soname) ? 'OpenSSL' : 'Apache-2.0' });

/** `libssl.so.3` → `libssl`, `libdb-5.3.so` → `libdb`, `libicuuc.so.72` → `libicuuc`. */
export function stemOf(soname: string): string {
  return soname.replace(/\.so(\..*)?$/, '');
}

export function knownLibrary(soname: string): KnownLibrary | undefined {
  const stem = stemOf(soname);
  if (stem === 'libssl' || stem === 'libcrypto') return openssl(soname);
  return LIBRARIES[stem] ?? LIBRARIES[stem.replace(/-\d[\d.]*$/, '')] ?? (/^libpython3\.\d+t?$/.test(stem) ? LIBRARIES.libpython3 : undefined);
}

const COPYLEFT = /^(AGPL|GPL|Sleepycat|SSPL|OSL|EUPL|CC-BY-SA)/i;

/**
 * Does an SPDX expression leave no choice without copyleft beyond the LGPL. `WITH` an exception counts as free to carry (the
 * exceptions of this field are for linking); of `OR` one free side is enough, of `AND` all sides must be.
 */
export function isStrongCopyleft(expression: string): boolean {
  const alternatives = expression.replace(/[()]/g, ' ').split(/\sOR\s/i);
  return alternatives.every((alternative) => alternative.split(/\sAND\s/i).some((part) => COPYLEFT.test(part.trim()) && !/\sWITH\s/i.test(part)));
}
