import { normaliseDistribution } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { SdistFacts, WheelFacts } from '../distribution-facts';
import { parseSdistName } from '../names/sdist-name';
import { parseWheelName } from '../names/wheel-name';
import { comparableVersion } from './check-names';
import { FindingList } from './finding-list';

/** What one project delivers in one version. */
export interface Delivery {
  sdist?: SdistFacts;
  wheels: readonly WheelFacts[];
}

/** Sdist and wheels of one version against each other: one name, one version, one set of requirements, no two wheels for the same, sources of the wheels in the sdist. */
export function checkDelivery({ sdist, wheels }: Delivery): Finding[] {
  const first = sdist ?? wheels[0];
  if (first === undefined) return [];
  const expected = identityOf(first);
  const findings = wheels.flatMap((wheel) => {
    const list = new FindingList(wheel.fileName);
    const actual = identityOf(wheel);
    const fix = 'build all of them from the same sources';
    if (actual.name !== expected.name)
      list.error('names', undefined, `Its name is not that of \`${first.fileName}\``, { expected: expected.name, actual: actual.name, fix });
    if (actual.version !== expected.version) {
      list.error('version', undefined, `Its version is not that of \`${first.fileName}\``, {
        expected: expected.version,
        actual: actual.version,
        fix,
      });
    }
    if (sdist !== undefined) {
      compareRequirements(sdist, wheel, list);
      findUnsourced(sdist, wheel, list);
    }
    return list.findings;
  });
  return [...findings, ...doubles(wheels)];
}

function identityOf(facts: SdistFacts | WheelFacts): { name: string; version: string } {
  const file = facts.kind === 'sdist' ? parseSdistName(facts.fileName) : parseWheelName(facts.fileName);
  const name = facts.metadata?.name ?? (file === undefined ? facts.fileName : 'name' in file ? file.name : file.distribution);
  return { name: normaliseDistribution(name), version: comparableVersion(facts.metadata?.version ?? file?.version ?? '') };
}

/** From metadata 2.2 on a field of the sdist that is not dynamic is the wheel's too (PEP 643). */
function compareRequirements(sdist: SdistFacts, wheel: WheelFacts, list: FindingList): void {
  const [source, built] = [sdist.metadata, wheel.metadata];
  if (source === undefined || built === undefined || Number(source.metadataVersion?.replace('.', '') ?? 0) < 22) return;
  const dynamic = new Set(source.dynamic.map((field) => field.toLowerCase()));
  const pairs: [string, readonly string[], readonly string[]][] = [
    ['Requires-Dist', source.requiresDist, built.requiresDist],
    ['Requires-Python', [source.requiresPython ?? ''], [built.requiresPython ?? '']],
  ];
  for (const [field, expected, actual] of pairs) {
    const [one, other] = [expected, actual].map((values) => values.map((value) => value.replace(/\s+/g, '')).sort());
    if (dynamic.has(field.toLowerCase()) || one!.join('\n') === other!.join('\n')) continue;
    list.error('metadata', undefined, `\`${field}\` is not that of the sdist, which does not call it dynamic`, {
      expected: expected.join(', ') || 'none',
      actual: actual.join(', ') || 'none',
      fix: 'use a backend that writes the same metadata into both, or declare the field as dynamic',
    });
  }
}

/** maturin writes these beside a module of Rust alone (its `module_writer`): nobody has them as files. */
const isByMaturin = ({ wheel, natives }: WheelFacts, path: string): boolean =>
  wheel?.generator?.startsWith('maturin') === true &&
  /\/(?:__init__|ffi)\.py$/.test(path) &&
  natives.some((native) => native.path.startsWith(path.slice(0, path.lastIndexOf('/') + 1)));

/** Python files of the wheel that the sdist does not hold, neither by content nor by path: they came from the tree, or were generated. */
function findUnsourced(sdist: SdistFacts, wheel: WheelFacts, list: FindingList): void {
  const digests = new Set(sdist.members.flatMap(({ sha256 }) => sha256 ?? []));
  const paths = sdist.members.map(({ path }) => path);
  const missing = wheel.members
    .filter(
      ({ path, size, sha256 }) =>
        /\.pyi?$/.test(path) && size > 0 && !isByMaturin(wheel, path) && !digests.has(sha256 ?? '') && !paths.some((one) => one.endsWith(`/${path}`)),
    )
    .map(({ path }) => path);
  list.each(
    missing,
    (path) =>
      list.warning('sdist-completeness', path, 'The sdist does not hold the file, so that it cannot be built again from there', {
        fix: 'have the backend put it into the sdist (`MANIFEST.in`, `include`), or generate it during the build',
      }),
    'sdist-completeness',
  );
}

function doubles(wheels: readonly WheelFacts[]): Finding[] {
  const seen = new Map<string, string>();
  return wheels.flatMap((wheel) => {
    const name = parseWheelName(wheel.fileName);
    const tag =
      name === undefined
        ? wheel.fileName
        : [name.build ?? '', ...[name.pythonTags, name.abiTags, name.platformTags].map((set) => [...set].sort().join('.'))].join('-');
    const other = seen.get(tag);
    seen.set(tag, wheel.fileName);
    if (other === undefined) return [];
    const list = new FindingList(wheel.fileName);
    list.error('tags', undefined, `It is for the same interpreters and platforms as \`${other}\``, { fix: 'build one of them' });
    return list.findings;
  });
}
