import type { Reading } from '../binary-refusal';
import { readingOf, Refused } from '../reading/refused';
import { PLIST_LIMITS, type PropertyListValue } from './property-list';
import { readBinaryPlist } from './read-binary-plist';
import { readXmlPlist } from './read-xml-plist';

const BINARY = Buffer.from('bplist00');

/** A property list, binary or XML: `Info.plist`, entitlements, `CodeResources`. Never throws and always ends, whatever the bytes; the old text form is refused. */
export function readPropertyList(bytes: Uint8Array): Reading<PropertyListValue> {
  return readingOf({ size: bytes.length }, () => {
    if (bytes.length > PLIST_LIMITS.bytes) throw new Refused('limit', `${bytes.length} bytes, at most ${PLIST_LIMITS.bytes} are read`, 0);
    return BINARY.equals(bytes.subarray(0, BINARY.length)) ? readBinaryPlist(bytes) : readXmlPlist(bytes);
  });
}
