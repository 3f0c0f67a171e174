/** Why bytes were refused. `reason` is one of a closed list, `offset` where in the file, in bytes. */
export interface BinaryRefusal {
  reason:
    | 'not-elf'
    | 'not-mach-o'
    | 'not-pe'
    | 'not-disk-image'
    | 'not-signed'
    | 'truncated'
    | 'bad-class'
    | 'bad-endianness'
    | 'bad-version'
    | 'bad-header'
    | 'bad-segment'
    | 'bad-section'
    | 'bad-dynamic'
    | 'bad-string'
    | 'bad-note'
    | 'bad-version-info'
    | 'bad-slice'
    | 'bad-load-command'
    | 'bad-import'
    | 'bad-export'
    | 'bad-resource'
    | 'bad-signature'
    | 'bad-der'
    | 'bad-certificate'
    | 'bad-cms'
    | 'bad-plist'
    | 'unsupported'
    | 'limit';
  message: string;
  offset: number;
}

/** What a reader answers: facts, or why there are none. */
export type Reading<Facts> = { ok: true; facts: Facts } | { ok: false; refusal: BinaryRefusal };
