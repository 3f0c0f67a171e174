import type { Receipt, ReceiptDestination } from './receipt';

/** `receipt.md`: the receipt for people. */
export function renderReceiptPage(receipt: Receipt): string {
  const { name, version, channel, tag, commit, destinations, skipped } = receipt;
  const origin = [channel, ...(tag === undefined ? ['no release tag'] : [`tag ${tag}`]), ...(commit === undefined ? [] : [`commit ${commit}`])];
  return [
    `# ${name} ${version}`,
    '',
    `Published: ${origin.join(', ')}.`,
    ...destinations.flatMap(sectionOf),
    ...(skipped.length === 0 ? [] : ['', '## Not published to', '', ...skipped.map(({ id, reason }) => `- ${id}: ${reason}`)]),
    '',
  ].join('\n');
}

const sectionOf = ({ id, title, files, left, guide, verify }: ReceiptDestination): readonly string[] => [
  '',
  `## ${id}: ${title}`,
  '',
  '| file | bytes | sha256 |',
  '|---|---|---|',
  ...files.map(({ name, size, sha256, url }) => `| ${url === undefined ? `\`${name}\`` : `[\`${name}\`](<${url}>)`} | ${size} | \`${sha256}\` |`),
  ...(left.length === 0 ? [] : ['', ...left.map(({ name, reason }) => `- \`${name}\` did not go there: ${reason}`)]),
  ...block('Install or download', guide.install),
  ...block('Verify', verify),
  ...block('Take it back', guide.takeBack),
];

const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, '', '```', ...lines, '```'];
