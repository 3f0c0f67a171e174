import type { ErrorText } from './waybill-error';

/** What the file system refused. `action` is the infinitive of what was tried: `write`, `read`, `copy`. */
export const fileErrorTexts = {
  FILE_DISK_FULL: (a: { path: string; action: string; quota: boolean }): ErrorText => ({
    message: `There is no space left to ${a.action} \`${a.path}\`${a.quota ? ': the disk quota is used up' : ''}`,
    fix: `free space on the disk of \`${a.path}\` (\`df -h ${a.path}\` shows it), then run again: nothing half-written was kept`,
  }),
  FILE_FAILED: (a: { path: string; action: string; systemCode: string; reason: string }): ErrorText => ({
    message: `The system could not ${a.action} \`${a.path}\`: ${a.reason}`,
    fix: `look into \`${a.path}\` for what ${a.systemCode} means there, then run again`,
  }),
  FILE_KIND: (a: { path: string; action: string; expected: string; actual: string }): ErrorText => ({
    message: `\`${a.path}\` is not what it must be to ${a.action} it`,
    fix: `name a ${a.expected}, or move \`${a.path}\` away`,
    details: [`expected a ${a.expected}`, `actual ${a.actual}`],
  }),
  FILE_LOCKED: (a: { path: string; holder: string; waitedMs: number }): ErrorText => ({
    message: `Another run holds the lock \`${a.path}\``,
    fix: `wait until that run has ended, then run again; if it is certain that none is running, delete \`${a.path}\``,
    details: [`expected it to be free within ${Math.round(a.waitedMs / 100) / 10} s`, `actual held by ${a.holder}`],
  }),
  FILE_MISSING: (a: { path: string; action: string }): ErrorText => ({
    message: `There is no \`${a.path}\` to ${a.action}`,
    fix: `make \`${a.path}\`, or correct the option that names it`,
  }),
  FILE_NAME: (a: { path: string; reason: string }): ErrorText => ({
    message: `The name of \`${a.path}\` cannot be used: ${a.reason}`,
    fix: `rename \`${a.path}\``,
  }),
  FILE_NOT_READABLE: (a: { path: string; action: string }): ErrorText => ({
    message: `No permission to ${a.action} \`${a.path}\``,
    fix: `give the user that runs this the right to read it: \`chmod u+rX ${a.path}\`, or \`chown\` by its owner`,
  }),
  FILE_NOT_WRITABLE: (a: { path: string; action: string; readOnly: boolean }): ErrorText => ({
    message: a.readOnly ? `\`${a.path}\` is on a read-only file system` : `No permission to ${a.action} \`${a.path}\``,
    fix: a.readOnly
      ? `use a place that can be written, or remount it: \`mount -o remount,rw\``
      : `give the user that runs this the right to write there: \`chmod u+w\` on the folder of \`${a.path}\`, or \`chown\` by its owner`,
  }),
};
