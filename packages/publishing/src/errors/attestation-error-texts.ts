/** Attestations that an index shows beside a file (PEP 740). */
export const attestationErrorTexts = {
  PUBLISH_ATTESTATION_IDENTITY: (a: { id: string; status: number; said: readonly string[] }) => ({
    message: `Sigstore gives no certificate for this job, and \`${a.id}\` would get files without attestations (HTTP ${a.status})`,
    details: a.said,
    fix: 'start the job again when sigstore answers; to publish without attestations set `"attestations": "off"`',
  }),
  PUBLISH_ATTESTATION_UNANSWERED: (a: { id: string; reason: string; details?: readonly string[]; fix?: string }) => ({
    message: `No attestation can be made for \`${a.id}\`: ${a.reason}`,
    details: [...(a.details ?? []), ...(a.fix === undefined ? [] : [a.fix])],
    fix: 'run it again when that answers: what was sent already stays; to publish without attestations set `"attestations": "off"`',
  }),
  PUBLISH_ATTESTATION_LOG: (a: { id: string; status: number; said: readonly string[] }) => ({
    message: `Sigstore’s log did not take an attestation for \`${a.id}\` (HTTP ${a.status})`,
    details: a.said,
    fix: 'run it again: what was sent already stays; to publish the rest without attestations set `"attestations": "off"`',
  }),
  PUBLISH_ATTESTATION_OTHER: (a: { id: string; name: string; expected: string; actual: string }) => ({
    message: `The attestation that \`${a.id}\` shows beside \`${a.name}\` is of something else`,
    details: [`expected sha256 ${a.expected} of \`${a.name}\``, `actual sha256 ${a.actual}`],
    fix: 'tell those who run the index; who checks attestations will refuse this file, so release a new version',
  }),
};
