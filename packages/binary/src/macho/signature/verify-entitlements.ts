import { DerElement, TAG } from '../../cms/der/der-element';
import { booleanOf } from '../../cms/der/der-values';
import type { PropertyListValue } from '../../plist/property-list';
import { readXmlPlist } from '../../plist/read-xml-plist';
import { Refused } from '../../reading/refused';
import type { SignatureProblem } from '../../signature-problem';
import type { MachOSignature } from './macho-signature-facts';

const VERSION_1 = Buffer.from('020101', 'hex');
/** `[APPLICATION 16]`, what the list is in; `[CONTEXT 16]`, a dictionary; a UTF-8 text. */
const [LIST, DICTIONARY, TEXT] = [0x70, 0xb0, 0x0c];

/** Entitlements stand there twice; older systems go by the XML, newer ones by the DER. Both are signed, so each could say something else. */
export function entitlementProblems({ entitlements, entitlementsDer }: Pick<MachOSignature, 'entitlements' | 'entitlementsDer'>): SignatureProblem[] {
  const differ = (message: string): SignatureProblem[] => [{ code: 'entitlements-differ', message }];
  try {
    const xml = entitlements === undefined ? undefined : canonical(readXmlPlist(Buffer.from(entitlements)));
    if (entitlementsDer === undefined) return [];
    const der = canonical(readDer(entitlementsDer));
    if (xml === der || (xml === undefined && der === canonical(new Map()))) return [];
    return differ(`the entitlements are ${xml ?? 'none'} in XML, and ${der} in DER`);
  } catch (error) {
    if (error instanceof Refused) return differ(`the entitlements cannot be read: ${error.message}`);
    throw error;
  }
}

function readDer(bytes: Uint8Array): PropertyListValue {
  const list = DerElement.first(bytes, 0).as(LIST, 'the list of entitlements');
  const [version, dictionary, ...others] = list.children;
  if (list.length !== bytes.length || !version || !dictionary || others.length > 0 || !VERSION_1.equals(version.der))
    throw list.refused('a list of entitlements of another version');
  return valueOf(dictionary.as(DICTIONARY, 'the entitlements'));
}

function valueOf(element: DerElement): PropertyListValue {
  const { tag, content } = element;
  if (tag === DICTIONARY) return dictionaryOf(element);
  if (tag === TAG.sequence) return element.children.map(valueOf);
  if (tag === TEXT) return Buffer.from(content).toString('utf8');
  if (tag === TAG.boolean) return booleanOf(element, 'an entitlement');
  if (tag === TAG.octetString) return content;
  if (tag === TAG.integer && content.length > 0 && content.length <= 8)
    return Number(BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString('hex')}`)));
  throw element.refused('an entitlement of an unknown kind');
}

function dictionaryOf({ children }: DerElement): PropertyListValue {
  const found = new Map<string, PropertyListValue>();
  for (const pair of children) {
    const [key, value] = pairOf(pair.as(TAG.sequence, 'an entitlement'));
    if (found.has(key)) throw pair.refused(`\`${key}\` stands twice`);
    found.set(key, value);
  }
  return found;
}

function pairOf(pair: DerElement): readonly [string, PropertyListValue] {
  const [key, value, ...others] = pair.children;
  if (!key || !value || others.length > 0) throw pair.refused('an entitlement that is no pair');
  return [Buffer.from(key.as(TEXT, 'the name of an entitlement').content).toString('utf8'), valueOf(value)];
}

/** The same text for the same value; DER sorts its keys, XML does not. */
function canonical(value: PropertyListValue): string {
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<string, PropertyListValue>)].map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`);
    return `{${pairs.sort().join(',')}}`;
  }
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`;
  return Array.isArray(value) ? `[${value.map(canonical).join(',')}]` : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
