import type { Artifact } from '@waybill/artifacts';
import type { PlannedArtifact, StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { CHECKS } from '@waybill/relocation';
import { bundleErrors } from '../../errors/bundle-errors';
import { versionFits } from '../../runtime/providers/version-request';
import type { RelocatabilitySmokeOptions } from './options';

/** The archives that ship, with verified digests. */
export interface SmokeFacts {
  archives: readonly UpstreamArtifact[];
}

export interface SmokePlan extends StagePlan {
  subjects: readonly { archive: UpstreamArtifact; linkage: PlannedArtifact }[];
}

/** Bundles among what the target depends on; none is `BUNDLE_SMOKE_ARCHIVE`. */
export function planSmoke(context: StageContext<RelocatabilitySmokeOptions>, { archives }: SmokeFacts): SmokePlan {
  if (archives.length === 0) {
    throw bundleErrors.error('BUNDLE_SMOKE_ARCHIVE', {
      target: `${context.projectName}:${context.targetName}`,
      artifacts: context.upstream.map(({ name }) => name),
    });
  }
  const subjects = archives.map((archive) => ({ archive, linkage: linkageOf(archive) }));
  const { options } = context;
  checkRequest(options.expect.python);
  const checks = options.checks ?? CHECKS.filter((row) => !('onDemand' in row)).map(({ id }) => id);
  return {
    subjects,
    artifacts: subjects.map(({ linkage }) => linkage),
    lines: [
      ...archives.map(({ name, target }) => `unpack \`${name}\` of \`${target}\` elsewhere and prove that it runs anywhere`),
      `isolation: ${options.isolation}, at least ${options.minIsolation}; hidden: workspace, home, every Python of this machine${options.hide.length > 0 ? `, ${options.hide.join(', ')}` : ''}`,
      `command: ${options.command.join(' ')}`,
      `checks: ${checks.join(', ')}`,
      ...options.allow.map(({ check, path, reason }) => `allowed: ${check} at \`${path}\` (${reason})`),
    ],
  };
}

/** What cannot be asked for shows before anything is unpacked. */
function checkRequest(python: string | undefined): void {
  if (python !== undefined) versionFits('3.0.0', python);
}

const linkageOf = ({ name, platform }: Artifact): PlannedArtifact => {
  const report = `${name}.linkage.txt`;
  return { name: report, path: report, kind: 'smoke-report', ...(platform !== undefined && { platform }), ships: false };
};
