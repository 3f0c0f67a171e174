/** An MS-DOS time, which starts in 1980, counts two seconds and names no zone, as seconds since 1970 in UTC. Months and days of 0 count as 1. */
export function zipSeconds({ date, time }: { date: number; time: number }): number {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  const [hour, minute, second] = [time >> 11, (time >> 5) & 63, (time & 31) * 2];
  return Date.UTC(year, Math.max(month, 1) - 1, Math.max(day, 1), hour, minute, second) / 1000;
}
