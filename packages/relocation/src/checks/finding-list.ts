import type { Finding, FindingLevel } from '@waybill/core';
import type { CheckId } from '../check-table';

type Detail = Pick<Finding, 'expected' | 'actual' | 'fix'>;

/** Findings of one check, in the order in which they are met. */
export class FindingList {
  readonly findings: Finding[] = [];

  constructor(private readonly check: CheckId) {}

  error(path: string | undefined, message: string, detail: Detail = {}): void {
    this.add('error', path, message, detail);
  }

  warning(path: string | undefined, message: string, detail: Detail = {}): void {
    this.add('warning', path, message, detail);
  }

  info(path: string | undefined, message: string, detail: Detail = {}): void {
    this.add('info', path, message, detail);
  }

  add(level: FindingLevel, path: string | undefined, message: string, detail: Detail = {}): void {
    this.findings.push({ check: this.check, level, ...(path === undefined ? {} : { path }), message, ...detail });
  }
}
