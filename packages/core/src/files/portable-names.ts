/** Device names of Windows (naming rules of Win32): reserved in every folder, with any extension, in any case. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** What NTFS and exFAT cannot store. */
const FORBIDDEN = /[<>:"|?*\\\u0000-\u001f]/;

/** Why one part of a path cannot be a file name everywhere; undefined when it can. */
export function nameFault(name: string): string | undefined {
  if (RESERVED.test(name)) return 'is a device on Windows';
  if (FORBIDDEN.test(name)) return 'holds a character that Windows forbids';
  if (/[. ]$/.test(name)) return 'ends with a dot or space, which Windows drops';
  if (name.includes('\ufffd')) return 'is not UTF-8';
  return undefined;
}

/** Equal for names that one of the common file systems takes for the same: case (APFS, NTFS) and normal form (APFS, HFS+). */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
