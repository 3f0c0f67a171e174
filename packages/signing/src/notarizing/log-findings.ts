import type { Finding } from '@waybill/core';
import type { JournalEntry } from '../notary/journal';
import type { NotaryLog } from '../notary/notary-client';

/** Pure. Each issue of Apple’s log with its path; one that was refused without any gets a finding too. */
export function logFindings(name: string, { state, id }: JournalEntry, log: NotaryLog | undefined): readonly Finding[] {
  if (log === undefined) return [];
  const refused = state === 'invalid' || state === 'rejected';
  const issues = log.issues.map((issue): Finding => ({
    check: 'apple',
    level: issue.severity === 'error' || (refused && issue.severity !== 'warning') ? 'error' : 'warning',
    path: issue.path,
    message: `${issue.message}${issue.architecture === undefined ? '' : ` (${issue.architecture})`}`,
    ...(issue.docUrl !== undefined && { fix: `see ${issue.docUrl}` }),
  }));
  if (!refused || issues.some(({ level }) => level === 'error')) return issues;
  return [...issues, { check: 'apple', level: 'error', path: name, message: `submission ${id!} is ${log.status}: ${log.statusSummary}` }];
}
