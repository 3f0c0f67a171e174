import type { PublishFile } from '../destination';

const turn = ({ kind }: PublishFile): number => (kind === 'signature' ? 2 : kind === 'checksums' ? 1 : 0);

/** What is summed, then the sums, then the signatures: a reader who finds a signature finds what it signs. */
export const orderOfUpload = (files: readonly PublishFile[]): readonly PublishFile[] => [...files].sort((left, right) => turn(left) - turn(right));
