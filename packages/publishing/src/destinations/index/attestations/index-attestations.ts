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
  /** What the index shows of files that stand there, and of the `attested` ones must show: a line for people, and whether it is still to come. */
  readBack(
    about: { files: readonly PublishFile[]; attested: readonly string[] },
    list: () => Promise<readonly ListedFile[]>,
  ): Promise<{ isWaiting: boolean; line?: string }>;
}

export const NO_ATTESTATIONS: IndexAttestations = {
  check: async () => [],
  fieldsFor: async () => [],
  readBack: async () => ({ isWaiting: false }),
};

/** `offers` tells whether the index takes attestations: one that does not know them may refuse an upload that brings some. */
export function createIndexAttestations(config: AttesterConfig & { offers(): Promise<boolean>; read: ReadText }): IndexAttestations {
  const attester = createAttester(config);
  let isOffered = false;
  return {
    async check() {
      isOffered = await config.offers();
      return isOffered ? attester.check() : [];
    },
    async fieldsFor(file) {
      const attestation = isOffered ? await attester.attest(file) : undefined;
      return attestation === undefined ? [] : [['attestations', JSON.stringify([attestation])]];
    },
    async readBack({ files, attested }, list) {
      const sent = new Set(attested);
      const found = new Map((await list()).map((file) => [file.name, file.provenance]));
      const speaks = [...found.values()].some((provenance) => provenance !== undefined);
      // an index may take what it does not know, and never show it
      if (!speaks)
        return { isWaiting: false, ...(sent.size > 0 && { line: `${config.id} shows no attestations at all, not those that were sent either` }) };
      const predicateType = [...found.values()].some((provenance) => typeof provenance === 'string') ? await config.predicateType() : '';
      const shown: string[] = [];
      for (const file of files) {
        const state = await readBack({ id: config.id, file, predicateType }, found.get(file.name), config.read);
        if (state === 'shown') shown.push(file.name);
        else if (sent.has(file.name))
          return {
            isWaiting: true,
            line: `${config.id} does not show the attestation of \`${file.name}\` yet; an index that never does is published to with \`"attestations": "off"\``,
          };
      }
      return { isWaiting: false, line: lineOf(files, shown) };
    },
  };
}

function lineOf(files: readonly PublishFile[], shown: readonly string[]): string {
  const without = files.filter(({ name }) => !shown.includes(name)).map(({ name }) => `\`${name}\``);
  if (shown.length === 0) return `none of ${without.join(', ')} has an attestation`;
  return `attestations of ${shown.length} files read back${without.length === 0 ? '' : `, none of ${without.join(', ')}`}`;
}
