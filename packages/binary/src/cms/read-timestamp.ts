import type { TimestampFacts } from './cms-facts';
import { DerElement, TAG } from './der/der-element';
import { integerHexOf, octetsOf, oidOf, timeOf } from './der/der-values';
import { readAlgorithm } from './read-certificate';

/** TSTInfo of RFC 3161 §2.4.2. `offset`: of the bytes in their file, for refusals. */
export function readTimestampInfo(bytes: Uint8Array, offset: number): TimestampFacts {
  const element = DerElement.first(bytes, offset);
  const [, policy, imprint, serial, time] = element.as(TAG.sequence, 'the timestamp').children;
  if (!policy || !imprint || !serial || !time) throw element.refused('a timestamp without policy, imprint, serial number or time', 'bad-cms');
  const [algorithm, digest] = imprint.as(TAG.sequence, 'the imprint').children;
  if (!algorithm || !digest) throw imprint.refused('an imprint without algorithm or digest', 'bad-cms');
  return {
    policy: oidOf(policy, 'the policy of a timestamp'),
    imprint: { algorithm: readAlgorithm(algorithm).oid, digest: octetsOf(digest, 'the imprint') },
    serial: integerHexOf(serial, 'the serial number of a timestamp'),
    time: timeOf(time.as(TAG.generalizedTime, 'the time of a timestamp'), 'the time of a timestamp'),
  };
}
