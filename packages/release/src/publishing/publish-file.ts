import { createReadStream } from 'node:fs';
import { hashThrough, type HttpBody } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import type { PublishFile } from '@waybill/publishing';
import { detachedSignatureFormats, formatIdOfName } from '@waybill/signatures';
import { publishErrors } from '../errors/publish-errors';

/** What a sign target says of a signature that it made. */
interface SignatureFacts {
  name?: unknown;
  of?: unknown;
  fingerprint?: unknown;
  publicKey?: unknown;
}

/** All files of a release; signatures know which others are as good. */
export function publishFilesOf(files: readonly UpstreamArtifact[], records: readonly UpstreamRecord[]): readonly PublishFile[] {
  const facts = records.flatMap(({ record }) => {
    const { signatures } = record.facts;
    return Array.isArray(signatures) ? (signatures as readonly SignatureFacts[]) : [];
  });
  return files.map((artifact) => {
    const signed = facts.find(({ name, of }) => name === artifact.name && artifact.madeFrom.includes(String(of)));
    const subject = signed && files.find(({ sha256 }) => signed.of === `sha256:${sha256}`);
    const accepts = signed && subject && acceptor(artifact.name, signed, subject);
    return { ...publishFileOf(artifact), ...(accepts && { accepts }) };
  });
}

/** By the key that signed in this run, in the one form that its format has. */
function acceptor(name: string, { publicKey, fingerprint }: SignatureFacts, subject: UpstreamArtifact): PublishFile['accepts'] {
  const format = formatIdOfName(name);
  if (format === undefined || typeof publicKey !== 'string') return undefined;
  return async (other) => {
    const verdict = await detachedSignatureFormats[format].verify(other, publicKey, contentOf(subject).open());
    return verdict.ok && verdict.fingerprint === fingerprint && verdict.signature.canonical;
  };
}

/** An artifact as what is published. Its bytes are compared with the record each time they are read (`PUBLISH_CHANGED`). */
export function publishFileOf(artifact: UpstreamArtifact): PublishFile {
  const { name, kind, platform, size, sha256, madeFrom } = artifact;
  return { name, kind, ...(platform !== undefined && { platform }), size, sha256, madeFrom, content: contentOf(artifact) };
}

/** Of one read. Four times what streams take by themselves: half the time of a large file went into asking for the next piece. */
const READ_BYTES = 256 * 1024;

function contentOf(artifact: UpstreamArtifact): HttpBody {
  return {
    size: artifact.size,
    async *open() {
      const read = hashThrough(createReadStream(artifact.file, { highWaterMark: READ_BYTES }));
      yield* read;
      const { sha256: actual } = read.digest();
      const { name, project, target, sha256: expected } = artifact;
      if (actual !== expected) throw publishErrors.error('PUBLISH_CHANGED', { name, run: `${project}:${target}`, expected, actual });
    },
  };
}
