/** PEP 503: names of distributions that differ in case or in runs of `-`, `_` and `.` are one; `-` stands between the words. */
export const normaliseDistribution = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
