/** One mount of a root that is being built. Targets are absolute paths inside. */
export type RootMount =
  | { kind: 'bind'; source: string; target: string; writable?: boolean; recursive?: boolean }
  | { kind: 'tmpfs'; target: string; mode: string }
  | { kind: 'proc'; target: string };

/**
 * A root file system as a value: a skeleton of folders, links and copied files, and what is mounted into it, in order. Mount points that
 * lie in the skeleton are made with it; those inside a mount exist there.
 */
export interface RootPlan {
  folders: readonly string[];
  links: readonly { path: string; target: string }[];
  /** Small files that are copied: path inside → absolute file outside. */
  copies: readonly { path: string; source: string }[];
  /** Empty files, as mount points. */
  emptyFiles: readonly string[];
  mounts: readonly RootMount[];
}

/** Text for `mount -a -T`: one process mounts everything. Spaces and such are octal escapes (fstab(5)). */
export function renderFstab(root: string, mounts: readonly RootMount[]): string {
  const escape = (text: string): string => text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  const line = (mount: RootMount): string => {
    const target = escape(mount.target === '/' ? root : `${root}${mount.target}`);
    if (mount.kind === 'tmpfs') return `tmpfs ${target} tmpfs mode=${mount.mode} 0 0`;
    if (mount.kind === 'proc') return `proc ${target} proc defaults 0 0`;
    return `${escape(mount.source)} ${target} none ${mount.recursive ? 'rbind' : 'bind'}${mount.writable ? '' : ',ro'} 0 0`;
  };
  return mounts.map((mount) => `${line(mount)}\n`).join('');
}

/** The same as arguments of bubblewrap. */
export function renderBubblewrap(root: string, mounts: readonly RootMount[]): string[] {
  const argument = (mount: RootMount): string[] => {
    if (mount.kind === 'tmpfs') return ['--perms', mount.mode, '--tmpfs', mount.target];
    if (mount.kind === 'proc') return ['--proc', mount.target];
    return [mount.writable ? '--dev-bind' : mount.source.startsWith('/dev/') ? '--dev-bind' : '--ro-bind', mount.source, mount.target];
  };
  return ['--ro-bind', root, '/', ...mounts.flatMap(argument)];
}

/** The same as arguments of proot, which knows no read-only mounts; its /proc is the machine's. */
export function renderProot(root: string, mounts: readonly RootMount[]): string[] {
  return [
    '-r',
    root,
    ...mounts.flatMap((mount) => (mount.kind === 'tmpfs' ? [] : ['-b', mount.kind === 'proc' ? '/proc' : `${mount.source}:${mount.target}`])),
  ];
}
