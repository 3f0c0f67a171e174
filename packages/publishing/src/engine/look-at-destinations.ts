import type { Finding } from '@waybill/core';
import type { Destination } from '../destination';
import { publishingErrors } from '../errors/publishing-errors';
import { planDestination } from '../plan/publish-plan';
import type { Delivery, PublishRequest } from './publish-request';

type Question = Pick<PublishRequest, 'release' | 'destinations' | 'files'>;

/**
 * What stands at each destination and what is missing there. Reads only. `known: false` in a dry run whose files are not made yet: nothing can be
 * compared, and the states are `unknown`.
 */
export function lookAtDestinations(question: Question, { known }: { known: boolean }): Promise<readonly Delivery[]> {
  return Promise.all(question.destinations.map((destination) => lookAt(destination, question, known)));
}

async function lookAt(destination: Destination, { release, files }: Question, known: boolean): Promise<Delivery> {
  const choice = destination.choose(release, files);
  const remote = known && choice.files.length > 0 ? await destination.inspect(release, choice.files) : undefined;
  const listed = known ? await destination.list(release) : undefined;
  const takenBack = known ? await destination.readTakenBack(release) : undefined;
  const planned = new Set(choice.files.map(({ name }) => name));
  return {
    destination,
    files: choice.files,
    plan: planDestination(destination, release, choice, remote),
    extra: (listed ?? []).map(({ name }) => name).filter((name) => !planned.has(name)),
    ...(takenBack !== undefined && { takenBack }),
  };
}

/**
 * A release that was taken back, by whomever; other bytes under a name; files of somebody else: nothing of the whole run may begin
 * (`PUBLISH_TAKEN_BACK`, `PUBLISH_CONFLICT`, `PUBLISH_EXTRA`).
 */
export function refuseConflicts(version: string, deliveries: readonly Delivery[]): void {
  const gone = deliveries.find(({ takenBack }) => takenBack !== undefined);
  if (gone) throw publishingErrors.error('PUBLISH_TAKEN_BACK', { destination: gone.plan.id, version, shown: gone.takenBack! });
  const conflicts = deliveries.flatMap(({ plan }) =>
    plan.rows
      .filter(({ state }) => state === 'conflict')
      .map(({ name, sha256, reason = 'other bytes' }) => ({ name, destination: plan.id, expected: sha256, actual: reason })),
  );
  if (conflicts.length > 0) throw publishingErrors.error('PUBLISH_CONFLICT', { version, conflicts });
  const strange = deliveries.find(({ extra }) => extra.length > 0);
  if (strange) throw publishingErrors.error('PUBLISH_EXTRA', { destination: strange.plan.id, version, names: strange.extra });
}

/** Asks every destination what can be asked before the first byte. All findings of all of them. */
export async function askBefore(release: PublishRequest['release'], deliveries: readonly Delivery[]): Promise<readonly Finding[]> {
  const found = await Promise.all(
    deliveries.map(async ({ destination, files }) => {
      const findings = await destination.preflight(release, files);
      return findings.map((finding) => ({ ...finding, path: finding.path ?? destination.id }));
    }),
  );
  return found.flat();
}
