import type { ToolPorts } from '../../inside/run-signer';

const STATUS = /^\s*Status: (.+)$/m;
/** Its words for a package that nobody has signed, or that was changed since. */
const NO_SIGNATURE = /no signature|invalid/i;
/** And for one that this Mac would install. */
const TRUSTED = /^signed (by a developer certificate issued by Apple|by a certificate trusted by|Apple Software)/i;

/** How macOS takes the signature of a package: `refused` is a fault of the package, `doubted` may be one of this Mac; `said` is its own words. */
export interface PackageOpinion {
  verdict: 'trusted' | 'doubted' | 'refused';
  said: string;
}

/** Its exit code tells no untrusted certificate from a changed package, so its words decide. */
export async function checkPackage({ processes, tool, environment, timeoutMs }: ToolPorts, path: string): Promise<PackageOpinion> {
  const { stdout, stderr } = await processes.run({
    file: tool.path,
    args: [...tool.prefixArgs, '--check-signature', path],
    env: environment,
    timeoutMs,
  });
  const [, status] = STATUS.exec(stdout) ?? [];
  if (status === undefined) return { verdict: 'doubted', said: `no status (${[stdout, stderr].join(' ').trim() || 'nothing at all'})` };
  if (NO_SIGNATURE.test(status)) return { verdict: 'refused', said: status };
  return { verdict: TRUSTED.test(status) ? 'trusted' : 'doubted', said: status };
}
