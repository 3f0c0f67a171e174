/** What a program may ask of any system, by pattern, with the reason. First match wins. */
export const ALLOWED_PATHS: readonly { pattern: RegExp; group: string }[] = [
  { pattern: /^\/(proc|sys|dev)(\/|$)/, group: 'kernel' },
  { pattern: /^\/etc\/ld\.so\.(cache|preload|nohwcap)$|\/glibc-hwcaps(\/|$)|\/(tls|x86_64|haswell|avx512_1)(\/|$)/, group: 'loader' },
  { pattern: /^\/(usr\/)?lib(32|64|x32)?(\/[a-z0-9_]+-linux-(gnu|musl)\w*)?(\/[^/]+\.so(\.\d+)*)?$/, group: 'system libraries' },
  {
    pattern:
      /^\/(usr\/)?lib(\/[^/]+)?\/(locale|gconv)(\/|$)|^\/usr\/share\/(locale|i18n|zoneinfo|terminfo|mime|misc)(\/|$)|^\/(usr\/lib|lib|etc)\/terminfo(\/|$)|^\/etc\/(localtime|timezone|locale\.\w+|inputrc|terminfo|mime\.types)$/,
    group: 'locale, zones, terminals',
  },
  {
    pattern:
      /^\/etc\/(passwd|group|nsswitch\.conf|hosts|host\.conf|resolv\.conf|gai\.conf|services|protocols|hostname|machine-id|os-release|lsb-release|debian_version|networks|shells)$|^\/usr\/lib\/os-release$|^\/(var\/)?run\/(nscd|systemd)(\/|$)/,
    group: 'names of users and hosts',
  },
  {
    pattern:
      /^\/etc\/(ssl|pki|ca-certificates|crypto-policies)(\/|$)|^\/usr\/(lib|local|share)\/(ssl|ca-certificates)(\/|$)|^\/etc\/ca-certificates\.conf$/,
    group: 'certificates of the system',
  },
  { pattern: /^\/(tmp|var\/tmp|home\/probe)(\/|$)/, group: 'temporary and home folder' },
  { pattern: /^\/(usr\/)?(bin|sbin)(\/(sh|dash|bash|env|uname|ldconfig|gcc|cc|objdump|file|lsb_release))?$/, group: 'shell and tools' },
  { pattern: /^\/(usr|etc|opt|mnt|srv|home|var|run|b)?\/?$/, group: 'folders above' },
];

export const groupOf = (path: string): string | undefined => ALLOWED_PATHS.find(({ pattern }) => pattern.test(path))?.group;
