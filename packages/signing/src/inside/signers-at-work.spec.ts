import { signersAtWork } from './signers-at-work';

it.each([
  [1, 8],
  [2, 8],
  [8, 16],
  [64, 128],
])('on %i cores %i files are signed at a time', (cores, signers) => expect(signersAtWork(cores)).toBe(signers));
