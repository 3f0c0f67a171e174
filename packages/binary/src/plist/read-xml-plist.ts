import { Refused } from '../reading/refused';
import { ValueCounter, type PropertyListDictionary, type PropertyListValue } from './property-list';

/** Comments, processing instructions and the document type, which hold nothing. */
const IGNORED = /(?:\s|<!--[^]*?-->|<\?[^]*?\?>|<!DOCTYPE[^>[]*>)*/y;
const OPENING = /<([A-Za-z]+)(?:\s+[A-Za-z:]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/y;
const TEXT = /[^<]*(?:<!\[CDATA\[[^]*?\]\]>[^<]*)*/y;
const CLOSING = /<\/([A-Za-z]+)\s*>/y;
const ENTITY = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));|&/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MOST_CODE_POINT = 0x10ffff;

/** A property list in XML, as plutil and codesign write it. Throws `Refused`. */
export function readXmlPlist(bytes: Uint8Array): PropertyListValue {
  return new XmlReader(
    Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
  ).document();
}

class XmlReader {
  private at = 0;
  private readonly counter = new ValueCounter((message) => new Refused('limit', message, this.at));

  constructor(private readonly text: string) {}

  document(): PropertyListValue {
    const root = this.opening();
    if (root.name !== 'plist' || root.empty) throw this.refused(`a list that begins with <${root.name}>`);
    const value = this.value(0);
    this.closing('plist');
    this.skip();
    if (this.at < this.text.length) throw this.refused('something behind the list');
    return value;
  }

  private value(depth: number): PropertyListValue {
    this.counter.enter(depth);
    const { name, empty } = this.opening();
    if (name === 'true' || name === 'false') {
      if (!empty) this.closing(name);
      return name === 'true';
    }
    if (name === 'dict') return empty ? new Map() : this.dictionary(depth);
    if (name === 'array') return empty ? [] : this.array(depth);
    const text = empty ? '' : this.content(name);
    if (name === 'string' || name === 'date') return text;
    if (name === 'data') return this.data(text);
    if (name === 'integer' || name === 'real') return this.number(name, text.trim());
    throw this.refused(`a value of kind <${name}>`);
  }

  private dictionary(depth: number): PropertyListDictionary {
    const found = new Map<string, PropertyListValue>();
    while (!this.ends('dict')) {
      const { name, empty } = this.opening();
      if (name !== 'key') throw this.refused(`<${name}> where a key is expected`);
      const key = empty ? '' : this.content('key');
      if (found.has(key)) throw this.refused(`\`${key}\` stands twice`);
      found.set(key, this.value(depth + 1));
    }
    return found;
  }

  private array(depth: number): readonly PropertyListValue[] {
    const found: PropertyListValue[] = [];
    while (!this.ends('array')) found.push(this.value(depth + 1));
    return found;
  }

  private number(name: string, text: string): number | bigint {
    if (name === 'real') {
      if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^[-+]?(inf(inity)?|nan)$/i.test(text)) throw this.refused(`\`${text}\` is no number`);
      return /inf/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
    }
    if (!/^[-+]?(\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text)) throw this.refused(`\`${text}\` is no integer`);
    const value = BigInt(text.replace(/^[-+]/, '')) * (text.startsWith('-') ? -1n : 1n);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private data(text: string): Uint8Array {
    const packed = text.replace(/\s/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 !== 0) throw this.refused('data that are not in base64');
    return Buffer.from(packed, 'base64');
  }

  private content(name: string): string {
    const raw = this.take(TEXT) ?? '';
    this.closing(name);
    return raw
      .split(/(<!\[CDATA\[[^]*?\]\]>)/)
      .map((part) => (part.startsWith('<![CDATA[') ? part.slice(9, -3) : this.unescape(part)))
      .join('');
  }

  private unescape(text: string): string {
    return text.replace(ENTITY, (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name]!;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      if (whole === '&' || !(code <= MOST_CODE_POINT)) throw this.refused('an entity that is none');
      return String.fromCodePoint(code);
    });
  }

  private opening(): { name: string; empty: boolean } {
    this.skip();
    OPENING.lastIndex = this.at;
    const match = OPENING.exec(this.text);
    if (!match) throw this.refused('no element where one is expected');
    this.at += match[0].length;
    return { name: match[1]!, empty: match[2] === '/' };
  }

  /** Takes the end of an element, if it stands here. */
  private ends(name: string): boolean {
    this.skip();
    CLOSING.lastIndex = this.at;
    const match = CLOSING.exec(this.text);
    if (match?.[1] !== name) return false;
    this.at += match[0].length;
    return true;
  }

  private closing(name: string): void {
    if (!this.ends(name)) throw this.refused(`<${name}> that does not end`);
  }

  private skip(): void {
    this.take(IGNORED);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match?.[0];
  }

  private refused(message: string): Refused {
    return new Refused('bad-plist', message, this.at);
  }
}
