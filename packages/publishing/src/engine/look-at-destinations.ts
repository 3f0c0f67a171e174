import { WaybillError, findingLines, type Finding } from '@waybill/core';
import type { Destination, PublishFile, RemoteFile } from '../destination';
import { errorFinding } from '../destinations/error-finding';
import { publishingErrors } from '../errors/publishing-errors';
import { planDestination } from '../plan/publish-plan';
import { adoptSignatures, type Adopted } from './adopt-signatures';
import type { Delivery, PublishRequest } from './publish-request';

type Question = Pick<PublishRequest, 'release' | 'destinations' | 'files'>;
type Seen = Pick<Delivery, 'findings' | 'failure' | 'takenBack'> & {
  remote?: readonly RemoteFile[];
  listed?: readonly RemoteFile[] | undefined;
  adopted?: Adopted;
};
type Look = Delivery & { adopted: Adopted };

/**
 * What each destination says before the first byte, what stands there and what is missing. Reads only. `known: false` in a dry run whose files are not
 * made yet: nothing can be compared or asked, and the states are `unknown`. Where a signature stands that is as good as that of this run, all are looked at
 * again as if it were that of this run; but for those that hold that of this run already.
 */
export async function lookAtDestinations(question: Question, { known }: { known: boolean }): Promise<readonly Delivery[]> {
  const { destinations, files } = question;
  const looks = await Promise.all(destinations.map((destination) => lookAt(destination, question, known)));
  const adopted = new Map([...looks].reverse().flatMap((look) => [...look.adopted]));
  if (adopted.size === 0) return looks;
  const filesOf = ({ adopted: own, plan }: Look): readonly PublishFile[] => {
    const same = new Set(plan.rows.filter(({ state }) => state === 'same').map(({ name }) => name));
    return files.map((file) => (same.has(file.name) ? file : (own.get(file.name) ?? adopted.get(file.name) ?? file)));
  };
  return Promise.all(looks.map((look) => lookAt(look.destination, { ...question, files: filesOf(look) }, known)));
}

async function lookAt(destination: Destination, { release, files }: Question, known: boolean): Promise<Look> {
  const choice = destination.choose(release, files);
  const {
    remote,
    listed,
    adopted = new Map(),
    ...seen
  }: Seen = known ? await ask(destination, release, choice.files).catch(failed) : { findings: [] };
  const planned = new Set(choice.files.map(({ name }) => name));
  return {
    destination,
    files: choice.files,
    plan: planDestination(destination, release, choice, remote ?? (known ? 'unasked' : 'unknown')),
    extra: (listed ?? []).map(({ name }) => name).filter((name) => !planned.has(name)),
    addresses: new Map(),
    adopted,
    ...seen,
  };
}

/** Its own questions first: of a destination that refuses the credential nothing more can be learned. */
async function ask(destination: Destination, release: PublishRequest['release'], files: readonly PublishFile[]): Promise<Seen> {
  const findings = (await destination.preflight(release, files)).map((finding) => ({ ...finding, path: finding.path ?? destination.id }));
  if (findings.some(({ level }) => level === 'error')) return { findings };
  const remote = files.length > 0 ? await destination.inspect(release, files) : [];
  const adopted = await adoptSignatures(destination, release, files, remote);
  const listed = await destination.list(release);
  const twin = await otherSpelling(destination, release);
  const takenBack = (await destination.readTakenBack(release)) ?? (twin && (await destination.readTakenBack(twin)));
  const twins =
    twin !== undefined && takenBack === undefined && destination.remote ? [twinFinding(destination.id, release.version, twin.version)] : [];
  return { findings: [...findings, ...twins], remote, listed, adopted, ...(takenBack !== undefined && { takenBack }) };
}

/** `1.0`, which stands or stood there, for `1.0.0`: for whoever installs it they are one. */
async function otherSpelling(destination: Destination, release: PublishRequest['release']): Promise<PublishRequest['release'] | undefined> {
  const version = await destination.spelling?.(release);
  return version === undefined || version === release.version ? undefined : { ...release, version };
}

const twinFinding = (path: string, version: string, standing: string): Finding => ({
  check: 'version',
  level: 'error',
  path,
  message: `${standing} stands there, which is ${version} in another spelling: there would be two releases of one version`,
  fix: `release a new version, or spell it \`${standing}\` again`,
});

/** One that cannot be asked is told with what the others find. */
function failed(cause: unknown): Seen {
  if (cause instanceof WaybillError) return { findings: [], failure: cause };
  throw cause;
}

/**
 * Nothing of the whole run begins while anything of it is known to fail: everything that was found, at all destinations. One fault alone is told under
 * its own code (`PUBLISH_TAKEN_BACK`, `PUBLISH_CONFLICT`, `PUBLISH_EXTRA`, what a destination threw), else `PUBLISH_PREFLIGHT`. `before` is called first.
 */
export function refuseUnready(
  version: string,
  deliveries: readonly Delivery[],
  faults: readonly WaybillError[] = [],
  before: () => void = () => undefined,
): void {
  const found = deliveries.flatMap(({ findings }) => findings).filter(({ level }) => level === 'error');
  const errors = [...faults, ...deliveries.flatMap(({ failure }) => failure ?? []), ...faultsOf(version, deliveries)];
  if (errors.length + found.length > 0) before();
  refuseFaults(errors, found);
}

/** One alone under its own code, more of them as `PUBLISH_PREFLIGHT`. */
export function refuseFaults(errors: readonly WaybillError[], found: readonly Finding[] = []): void {
  if (errors.length + found.length === 0) return;
  if (errors.length === 1 && found.length === 0) throw errors[0]!;
  throw publishingErrors.error('PUBLISH_PREFLIGHT', { lines: findingLines([...found, ...errors.map(errorFinding)]) });
}

function faultsOf(version: string, deliveries: readonly Delivery[]): readonly WaybillError[] {
  const conflicts = deliveries.flatMap(({ plan }) =>
    plan.rows
      .filter(({ state }) => state === 'conflict')
      .map(({ name, sha256, reason = 'other bytes' }) => ({ name, destination: plan.id, expected: sha256, actual: reason })),
  );
  return [
    ...deliveries.flatMap(({ plan, takenBack }) =>
      takenBack === undefined ? [] : [publishingErrors.error('PUBLISH_TAKEN_BACK', { destination: plan.id, version, shown: takenBack })],
    ),
    ...(conflicts.length === 0 ? [] : [publishingErrors.error('PUBLISH_CONFLICT', { version, conflicts })]),
    ...deliveries.flatMap(({ plan, extra }) =>
      extra.length === 0 ? [] : [publishingErrors.error('PUBLISH_EXTRA', { destination: plan.id, version, names: extra })],
    ),
  ];
}
