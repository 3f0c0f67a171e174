import { renderSums, type ArtifactKind } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import { CHECKS } from '@waybill/relocation';
import type { UpstreamSpec } from '@waybill/plugin-kit/testing';

export const ARCHIVE = 'app-0.3.0-linux-x86_64.tar.gz';
export const SUMS = 'app-0.3.0-SHA256SUMS';
export const digestOf = (content: string): string => `sha256:${hashBytes(content)}`;

export interface ReleasedFiles {
  content?: string;
  /** Facts of checksum beyond its sums. */
  facts?: UpstreamSpec['facts'];
  /** Text of the sums file instead of the right one. */
  sums?: string;
  verdict?: string;
  /** Further facts of the proof. */
  proof?: NonNullable<UpstreamSpec['facts']>;
  /** What the proof tested instead of the archive. */
  tested?: string;
  signed?: boolean;
  /** Made without a release tag. */
  trial?: boolean;
  allowUnsigned?: string;
  /** Further files that ship, by name. */
  more?: Readonly<Record<string, string>>;
}

/** Facts of a proof without faults. */
export const proofFacts = (tested: readonly string[], more: UpstreamSpec['facts'] = {}): NonNullable<UpstreamSpec['facts']> => ({
  tested: [...tested],
  verdict: 'passed',
  isolation: 'root-namespace',
  checksRun: CHECKS.filter((row) => !('onDemand' in row) && row.id !== 'bare-root').map(({ id }) => id),
  checksSkipped: [{ check: 'bare-root', reason: 'no root here' }],
  allow: [],
  ...more,
});

/** An application as it stands before publish: packaged, proved, summed, signed or not. */
export function releasedFiles({ content = 'linux', more = {}, ...spec }: ReleasedFiles = {}): readonly UpstreamSpec[] {
  const release = `{\n  "schema": "waybill/release/1"${spec.trial ? '' : ',\n  "tag": "v0.3.0"'}\n}\n`;
  const files = { [ARCHIVE]: content, ...more, 'release.json': release };
  const sums = spec.sums ?? renderSums(Object.entries(files).map(([name, text]) => ({ name, digest: hashBytes(text) })));
  const kindOf = (name: string): ArtifactKind => {
    if (name.endsWith('.manifest.json')) return 'delivery';
    return name.endsWith('.whl') ? 'wheel' : name === ARCHIVE ? 'bundle-archive' : 'sdist';
  };
  const made = Object.entries({ [ARCHIVE]: content, ...more }).map(([name, text]) => ({ name, kind: kindOf(name), content: text }));
  return [
    { target: 'package-linux', stage: 'package', artifacts: [...made, { name: 'app.symbols', kind: 'symbols', content: 's', ships: false }] },
    {
      target: 'smoke-linux',
      stage: 'smoke',
      facts: proofFacts([spec.tested ?? digestOf(content)], { verdict: spec.verdict ?? 'passed', ...spec.proof }),
    },
    {
      target: 'checksum',
      stage: 'checksum',
      facts: { sums: [{ algorithm: 'sha256', name: SUMS }], releaseFile: 'release.json', ...spec.facts },
      artifacts: [
        { name: SUMS, kind: 'checksums', content: sums },
        { name: 'release.json', kind: 'delivery', content: release },
      ],
    },
    {
      target: 'sign-checksums',
      stage: 'sign-checksums',
      facts: spec.allowUnsigned === undefined ? {} : { allowUnsigned: spec.allowUnsigned },
      artifacts: spec.signed ? [{ name: `${SUMS}.minisig`, kind: 'signature', content: 'signature', madeFrom: [digestOf(sums)] }] : [],
    },
  ];
}
