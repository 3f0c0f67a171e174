/** From and to, in seconds since 1970. */
export type Period = readonly [start: number, end: number];

/** A time is written after it was read, and may be rounded. */
const SLACK_SECONDS = 2;
/** Offsets of time zones are multiples of it. */
const ZONE_STEP_SECONDS = 900;
const ZONE_MOST_SECONDS = 14 * 3600;
/** How far before and behind a place its number or text may reach. */
const AROUND = 40;

/** Seconds since 1970, and the thousandths, millionths and billionths of them that programs write. */
const SCALES = [1, 1e3, 1e6, 1e9];
const NUMBER = /\d{9,20}/g;
const DATE_TIME = /(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)[T _-]{0,2}(\d\d)[:-]?(\d\d)(?:[:-]?(\d\d))?/g;
const TIME = /(?<!\d)([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?!\d)/g;

/** Whether at that place of the bytes, or round it, stands a time of the period: as text, as number, or as four or eight bytes. */
export function isClock(bytes: Buffer, at: number, period: Period): boolean {
  const inside = (seconds: number): boolean => seconds >= period[0] - SLACK_SECONDS && seconds <= period[1] + SLACK_SECONDS;
  if (numbersAt(bytes, at).some((value) => SCALES.some((scale) => inside(value / scale)))) return true;
  return (
    textsAt(bytes, at, DATE_TIME).some((parts) => isLocalTime(parts, period)) || textsAt(bytes, at, TIME).some((parts) => isTimeOfDay(parts, period))
  );
}

/** Whether there stands exactly that time, in seconds. */
export const bornOf = (bytes: Buffer, at: number, seconds: number): boolean => numbersAt(bytes, at).includes(seconds);

/** Decimal numbers that reach over the place, and what four bytes over it give in little endian (as in byte code). */
function numbersAt(bytes: Buffer, at: number): number[] {
  const texts = textsAt(bytes, at, NUMBER).map(([text]) => Number(text));
  const places = [3, 2, 1, 0].map((before) => at - before).filter((place) => place >= 0 && place + 4 <= bytes.length);
  return [...texts, ...places.map((place) => bytes.readUInt32LE(place))];
}

function textsAt(bytes: Buffer, at: number, pattern: RegExp): string[][] {
  const start = Math.max(0, at - AROUND);
  const text = bytes.toString('latin1', start, at + AROUND);
  return [...text.matchAll(pattern)]
    .filter(({ index, 0: match }) => start + index <= at && at < start + index + match.length)
    .map((match) => [...match]);
}

/** In whatever time zone. */
function isLocalTime([, year, month, day, hour, minute, second]: readonly string[], period: Period): boolean {
  const [y, m, d, h, min] = [year, month, day, hour, minute].map(Number) as [number, number, number, number, number];
  const seconds = Date.UTC(y, m - 1, d, h, min, Number(second ?? 0)) / 1000;
  const isNear = seconds >= period[0] - ZONE_MOST_SECONDS && seconds <= period[1] + ZONE_MOST_SECONDS;
  return isNear && fitsStep(seconds, period, second === undefined);
}

const isTimeOfDay = ([, hour, minute, second]: readonly string[], period: Period): boolean =>
  fitsStep(Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0), period, second === undefined);

/** Times that differ from one of the period by whole steps of time zones. */
function fitsStep(seconds: number, [start, end]: Period, ofMinutes: boolean): boolean {
  const from = start - SLACK_SECONDS - (ofMinutes ? 60 : 0);
  const past = (((seconds - from) % ZONE_STEP_SECONDS) + ZONE_STEP_SECONDS) % ZONE_STEP_SECONDS;
  return past <= end + SLACK_SECONDS - from;
}
