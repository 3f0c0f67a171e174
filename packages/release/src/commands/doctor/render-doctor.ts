import { findingLines } from '@waybill/core';
import type { DoctorReport } from './doctor-report';

/** The report for people. */
export function renderDoctor({ verdict, versions, tools, credentials, trustedPublishers, findings }: DoctorReport): string {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];
  const errors = findings.filter(({ level }) => level === 'error').length;
  return [
    ...section('Versions', versionLines(versions)),
    ...section(
      'Tools',
      tools.map(({ tool, found, from, needed, install, for: user }) =>
        found === undefined
          ? `✗ ${tool} is missing: for ${user}: ${needed}; get it by \`${install}\``
          : `✓ ${tool} ${found}, ${from!} (for ${user}: ${needed})`,
      ),
    ),
    ...section(
      'Credentials (environment variables, by name)',
      credentials.map(({ name, present, for: users }) => `${present ? '✓' : '–'} ${name} ${present ? 'is set' : 'is not set'}: ${shortList(users)}`),
    ),
    ...section(
      'Trusted publishers to enter at the index',
      trustedPublishers.map(
        ({ index, project, owner, repository, workflow, environment }) =>
          `${index}: project ${project}, owner ${owner}, repository ${repository}, workflow ${workflow}, environment ${environment}`,
      ),
    ),
    ...section('Findings', findingLines(findings, '--json lists them')),
    verdict === 'well' ? 'All is well.' : `${errors} ${errors === 1 ? 'fault' : 'faults'}.`,
    '',
  ].join('\n');
}

const MOST = 3;
const shortList = (users: readonly string[]): string =>
  users.length <= MOST ? users.join(', ') : `${users.slice(0, MOST).join(', ')} and ${users.length - MOST} more`;

/** The packages of Waybill on one line when they have one version, as they should. */
function versionLines(versions: DoctorReport['versions']): readonly string[] {
  const packages = Object.entries(versions).filter(([name]) => name.startsWith('@waybill/'));
  const isOne = new Set(packages.map(([, version]) => version)).size === 1;
  const shown = isOne ? Object.entries(versions).filter(([name]) => !name.startsWith('@waybill/')) : Object.entries(versions);
  return [...shown.map(([name, version]) => `${name} ${version}`), ...(isOne ? [`@waybill/… ${packages[0]![1]} (${packages.length} packages)`] : [])];
}
