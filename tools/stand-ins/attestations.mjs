/** What an index asks of attestations that come with an upload, as Warehouse does (`attestations/services.py`): each is verified by sigstore's own library. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toSignedEntity } = require('@sigstore/verify');

export const PREDICATE = 'https://docs.index.example/attestations/publish/v1';
const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const MOST = 2;

/**
 * @param {{ text: string, name: string, bytes: Buffer, subject: string, trust: object }} upload   `subject`: of the job whose token brings the file
 * @returns {string | undefined} why they are refused
 */
export function faultOfAttestations({ text, name, bytes, subject, trust }) {
  const attestations = JSON.parse(text);
  if (!Array.isArray(attestations) || attestations.length === 0 || attestations.length > MOST) return 'a list of one or two attestations is expected';
  const kinds = new Set();
  for (const { version, verification_material: material, envelope } of attestations) {
    if (version !== 1) return `unknown version ${version}`;
    const statement = JSON.parse(Buffer.from(envelope.statement, 'base64'));
    if (statement._type !== 'https://in-toto.io/Statement/v1' || statement.predicateType !== PREDICATE)
      return `unknown kind ${statement.predicateType}`;
    if (kinds.has(statement.predicateType)) return 'two attestations of one kind';
    kinds.add(statement.predicateType);
    const [only, ...more] = statement.subject;
    if (more.length > 0 || only.name !== name) return `subject does not match distribution name: ${only.name}`;
    if (only.digest.sha256 !== createHash('sha256').update(bytes).digest('hex')) return 'subject does not match distribution digest';
    const fault = faultOfBundle(material, envelope, subject, trust);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfBundle({ certificate, transparency_entries: tlogEntries }, { statement, signature }, subject, trust) {
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { certificate: { rawBytes: certificate }, tlogEntries },
    dsseEnvelope: { payload: statement, payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: signature }] },
  };
  try {
    const { identity } = new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 1 }).verify(
      toSignedEntity(bundleFromJSON(bundle)),
    );
    return identity.subjectAlternativeName === subject
      ? undefined
      : `certificate is of ${identity.subjectAlternativeName}, and the token of ${subject}`;
  } catch (error) {
    return `verification failed: ${error.code ?? ''} ${error.message}`;
  }
}
