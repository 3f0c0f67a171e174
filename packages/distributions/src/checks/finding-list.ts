import type { Finding, FindingLevel } from '@waybill/core';

/** Checks of wheels and sdists that this package makes. */
export type DistributionCheck =
  | 'names'
  | 'version'
  | 'record'
  | 'tags'
  | 'native-code'
  | 'abi3'
  | 'contents'
  | 'licence'
  | 'metadata'
  | 'description'
  | 'publishable'
  | 'sdist-completeness'
  | 'reproducible';

type Detail = Pick<Finding, 'expected' | 'actual' | 'fix'>;

/** Of one kind at most so many are told one by one. */
const MANY = 50;

/** Findings of one distribution, in the order in which they are met. */
export class FindingList {
  readonly findings: Finding[] = [];

  constructor(private readonly fileName: string) {}

  /** `member` is a path in the distribution; absent: the distribution itself. */
  error(check: DistributionCheck, member: string | undefined, message: string, detail: Detail = {}): void {
    this.add('error', check, member, message, detail);
  }

  warning(check: DistributionCheck, member: string | undefined, message: string, detail: Detail = {}): void {
    this.add('warning', check, member, message, detail);
  }

  info(check: DistributionCheck, member: string | undefined, message: string, detail: Detail = {}): void {
    this.add('info', check, member, message, detail);
  }

  add(level: FindingLevel, check: DistributionCheck, member: string | undefined, message: string, detail: Detail = {}): void {
    this.findings.push({ check, level, path: member === undefined ? this.fileName : `${this.fileName}/${member}`, message, ...detail });
  }

  /** One finding for each of the first members, and one for the number of the rest. */
  each(members: readonly string[], add: (member: string) => void, check: DistributionCheck): void {
    members.slice(0, MANY).forEach(add);
    if (members.length > MANY) this.info(check, undefined, `${members.length - MANY} further findings of this kind are not listed`);
  }
}
