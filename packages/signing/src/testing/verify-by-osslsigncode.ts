import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeCertificate } from './code-certificates';
import type { TimestampAuthority } from './timestamp-authority';

/** By another program than Waybill’s own reader, from the roots alone: how `osslsigncode verify` ends, 0 when the signature holds. Writes the root into `folder`. */
export function verifyByOsslsigncode(
  file: string,
  { root }: Pick<CodeCertificate, 'root'>,
  authority: TimestampAuthority,
  folder: string,
): number | null {
  const rootFile = join(folder, 'root.pem');
  writeFileSync(rootFile, root);
  return spawnSync('osslsigncode', ['verify', '-CAfile', rootFile, '-TSA-CAfile', authority.root, '-in', file]).status;
}
