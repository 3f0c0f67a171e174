import { createReadStream } from 'node:fs';
import { hashThrough, type HttpBody } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { PublishFile } from '@waybill/publishing';
import { publishErrors } from '../errors/publish-errors';

/** An artifact as what is published. Its bytes are compared with the record each time they are read (`PUBLISH_CHANGED`). */
export function publishFileOf(artifact: UpstreamArtifact): PublishFile {
  const { name, kind, platform, size, sha256, madeFrom } = artifact;
  return { name, kind, ...(platform !== undefined && { platform }), size, sha256, madeFrom, content: contentOf(artifact) };
}

function contentOf(artifact: UpstreamArtifact): HttpBody {
  return {
    size: artifact.size,
    async *open() {
      const read = hashThrough(createReadStream(artifact.file));
      yield* read;
      const { sha256: actual } = read.digest();
      const { name, project, target, sha256: expected } = artifact;
      if (actual !== expected) throw publishErrors.error('PUBLISH_CHANGED', { name, run: `${project}:${target}`, expected, actual });
    },
  };
}
