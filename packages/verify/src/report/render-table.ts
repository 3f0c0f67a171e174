import type { FileRow, Verification } from './verification';

/** The table, what does not hold, where it comes from, and the verdict as the last line. */
export function renderVerification(result: Verification): string {
  return [
    ...tableLines(result.files),
    ...result.findings.flatMap(findingLines),
    ...result.releases.flatMap(releaseLines),
    ...verdictLines(result),
    '',
  ].join('\n');
}

function tableLines(rows: readonly FileRow[]): readonly string[] {
  const cells = rows.map(({ status, name, what, size, detail }) => [status, shown(name), what, size === undefined ? '' : String(size), detail]);
  const table = [['status', 'file', 'kind', 'bytes', 'checked'], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => (column === 3 ? cell.padStart(widths[3]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Names come from whoever made the delivery: nothing of them may steer a terminal. */
const shown = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

function findingLines({ check, path, message, expected, actual, fix }: Verification['findings'][number]): readonly string[] {
  return [
    `${check}${path === undefined ? '' : ` ${shown(path)}`}: ${shown(message)}`,
    ...(expected === undefined ? [] : [`  expected ${shown(expected)}`]),
    ...(actual === undefined ? [] : [`  actual ${shown(actual)}`]),
    ...(fix === undefined ? [] : [`  fix: ${fix}`]),
  ];
}

function releaseLines({ project, version, commit, tag, dirty, proofs, unsigned }: Verification['releases'][number]): readonly string[] {
  const origin = commit === undefined ? '' : `, commit ${commit}${dirty ? ' with changes that are in no commit' : ''}`;
  return [
    `release: ${shown(project)} ${version}${origin}${tag === undefined ? '' : `, tag ${shown(tag)}`}`,
    ...proofs.map(
      ({ target, verdict, isolation, checksRun }) =>
        `  proof ${shown(target)}: ${shown(verdict)} (${checksRun.length} checks, isolation ${shown(isolation)})`,
    ),
    ...unsigned.map(({ target, reason }) => `  unsigned by ${shown(target)}: ${shown(reason)}`),
  ];
}

function verdictLines({ verdict, signers, findings }: Verification): readonly string[] {
  if (verdict === 'verified') return [`verified: signed by ${signers.join(', ')}`];
  if (verdict === 'failed') return [`failed: ${findings.length} ${findings.length === 1 ? 'thing does' : 'things do'} not hold`];
  return [
    'integrity only: no key was given that says who must have signed; whoever made these files could have made the sums too',
    '  fix: give `--fingerprint=<key>` or `--keys=<file>`, from where the publisher names it',
  ];
}
