import type { Finding } from '@waybill/core';
import type { PublishFile } from '../../../destination';
import type { ListedFile } from '../read-simple-page';
import { createAttester, type AttesterConfig } from './create-attester';
import { readBack, type ReadText } from './read-back';

/** Attestations of one run, for one index. */
export interface IndexAttestations {
  /** Whether they will be made: asked before the first byte, and only when something is to be sent. */
  check(): Promise<readonly Finding[]>;
  /** What goes along with an upload. */
  fieldsFor(file: PublishFile): Promise<readonly (readonly [string, string])[]>;
  /** What the index shows of files that stand there: a line for people, and whether it is still to come. */
  readBack(files: readonly PublishFile[], list: () => Promise<readonly ListedFile[]>): Promise<{ isWaiting: boolean; line?: string }>;
}

export const NO_ATTESTATIONS: IndexAttestations = {
  check: async () => [],
  fieldsFor: async () => [],
  readBack: async () => ({ isWaiting: false }),
};

/** `offers` tells whether the index takes attestations: one that does not know them may refuse an upload that brings some. */
export function createIndexAttestations(config: AttesterConfig & { offers(): Promise<boolean>; read: ReadText }): IndexAttestations {
  const attester = createAttester(config);
  const sent = new Set<string>();
  let isOffered = false;
  return {
    async check() {
      isOffered = await config.offers();
      return isOffered ? attester.check() : [];
    },
    async fieldsFor(file) {
      const attestation = isOffered ? await attester.attest(file) : undefined;
      if (attestation === undefined) return [];
      sent.add(file.name);
      return [['attestations', JSON.stringify([attestation])]];
    },
    async readBack(files, list) {
      const found = new Map((await list()).map((file) => [file.name, file.provenance]));
      const predicateType = sent.size > 0 || [...found.values()].some((url) => url !== undefined) ? await config.predicateType() : '';
      const shown: string[] = [];
      for (const file of files) {
        const about = { id: config.id, file, predicateType, wasSent: sent.has(file.name) };
        const state = await readBack(about, found.get(file.name), config.read);
        if (state === 'waiting') return { isWaiting: true, line: `${config.id} does not show the attestation of \`${file.name}\` yet` };
        if (state === 'shown') shown.push(file.name);
      }
      const without = files.filter(({ name }) => !shown.includes(name)).map(({ name }) => `\`${name}\``);
      if (shown.length === 0) return { isWaiting: false };
      return {
        isWaiting: false,
        line: `attestations of ${shown.length} files read back${without.length === 0 ? '' : `, none of ${without.join(', ')}`}`,
      };
    },
  };
}
