import type { StageContext, StagePlan } from '@waybill/plugin-kit';
import type { Release } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import type { NamedDestination } from '../../publishing/choose-destinations';
import type { TakeBackOptions } from './options';

export interface TakeBackFacts {
  release: Release;
  chosen: readonly NamedDestination[];
  waybill: string;
  /** Of a dry run: what stands at each destination, in words, by id. */
  standing?: ReadonlyMap<string, string>;
}

export interface TakeBackPlan extends StagePlan {
  facts: TakeBackFacts;
}

/** Pure. Nothing is taken back by accident: `confirm` is asked for, but by a dry run. */
export function planTakeBack({ options, dryRun }: StageContext<TakeBackOptions>, facts: TakeBackFacts): TakeBackPlan {
  const destinations = facts.chosen.map(({ id }) => id);
  const { version } = facts.release;
  if (!options.confirm && !dryRun) throw publishErrors.error('PUBLISH_NOT_CONFIRMED', { version, destinations });
  return {
    facts,
    artifacts: [],
    lines: facts.chosen.map(({ id, option }) => {
      const seen = facts.standing?.get(id);
      return `take ${facts.release.name} ${version} back from ${id} (${option.type})${seen === undefined ? '' : `: ${seen}`}`;
    }),
  };
}
