import type { SignPackageRequest } from '../rcodesign';

/** Its timestamps are from Apple’s server, whichever is asked for; whether there is to be one depends on the certificate when it is not said. It writes the output itself. */
export const productsignArguments = ({ input, output, timestampUrl }: SignPackageRequest, identity: readonly string[]): readonly string[] => [
  ...identity,
  timestampUrl === undefined ? '--timestamp=none' : '--timestamp',
  input,
  output,
];
