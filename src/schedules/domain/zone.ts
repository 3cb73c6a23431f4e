import { BoundedCache } from './bounded-cache.js';
import { DAY, HOUR, MINUTE, SECOND, WEEK } from './time-units.js';

/** Clock changes larger than this are corrections of the calendar, not daylight saving. Source: Vixie cron 4.1. */
export const LARGEST_CLOCK_CHANGE = 3 * HOUR;

/** A stretch of time with one offset. Instants and offsets in ms; local time = instant + offset. */
export interface ZoneSegment {
  start: number;
  /** Exclusive; not always a clock change, long segments are cut. */
  end: number;
  offset: number;
  /** By how much the clock jumped at `start`: > 0 leaves a gap, < 0 repeats local time, 0 where nothing changed. */
  shift: number;
}

interface Transition {
  at: number;
  before: number;
  after: number;
}

interface Chunk {
  startOffset: number;
  transitions: Transition[];
}

const CHUNK = 400 * DAY;
/** No zone has changed its clocks there and back within a week since 1970. */
const PROBE_STEP = WEEK;
const MAX_CACHED_ZONES = 1_000;
const MAX_CACHED_YEARS = 10_000;
/** No zone of the IANA database had clock changes before; what Intl says of then holds for all time before it. */
const FIRST_CHANGES = Date.UTC(1800, 0);
/** From this year on no zone has dates of its own any more: each year's clock changes follow rules such as "the last Sunday in March". */
const ONLY_RULES_YEAR = 2101;
/** Weekdays and leap years come back in 28 years: between two centuries there is a year of each kind. */
const KINDS_OF_YEARS = 28;
const ONLY_RULES_UNTIL = Date.UTC(ONLY_RULES_YEAR + KINDS_OF_YEARS, 0);
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

const none: ZoneSegment = { start: Infinity, end: -Infinity, offset: 0, shift: 0 };
const holds = ({ start, end }: ZoneSegment, instant: number): boolean => start <= instant && instant < end;

/** The clock changes of one IANA zone, taken from Intl and remembered, so that stepping costs no formatting. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;
  /** The two that were asked for last are mostly asked for again. */
  private last: ZoneSegment = none;
  private before: ZoneSegment = none;
  private readonly chunks = new Map<number, Chunk>();

  constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  offsetAt(instant: number): number {
    return this.segmentAt(instant).offset;
  }

  /** Only three centuries are ever probed, however far ahead somebody asks: a later year is like one of the same kind. */
  segmentAt(instant: number): ZoneSegment {
    if (holds(this.last, instant)) return this.last;
    [this.last, this.before] = [this.before, this.last];
    if (!holds(this.last, instant)) this.last = this.find(instant);
    return this.last;
  }

  private find(instant: number): ZoneSegment {
    if (instant < FIRST_CHANGES)
      return { ...this.probedAt(FIRST_CHANGES), start: -Infinity, end: FIRST_CHANGES, shift: 0 };
    return instant < ONLY_RULES_UNTIL ? this.probedAt(instant) : this.likeAt(instant);
  }

  private likeAt(instant: number): ZoneSegment {
    const { from, to, moved } = yearLikeAnother(new Date(instant).getUTCFullYear());
    const { start, end, offset, shift } = this.probedAt(instant - moved);
    const isOfThisYear = start + moved >= from;
    return {
      start: isOfThisYear ? start + moved : from,
      end: Math.min(end + moved, to),
      offset,
      shift: isOfThisYear ? shift : 0,
    };
  }

  private probedAt(instant: number): ZoneSegment {
    const index = Math.floor(instant / CHUNK);
    const { startOffset, transitions } = this.chunk(index);
    let next = 0;
    while (next < transitions.length && transitions[next]!.at <= instant) next++;
    const end = transitions[next]?.at ?? (index + 1) * CHUNK;
    const last = transitions[next - 1] ?? this.chunk(index - 1).transitions.at(-1);
    if (!last) return { start: (index - 1) * CHUNK, end, offset: startOffset, shift: 0 };
    return { start: last.at, end, offset: last.after, shift: last.after - last.before };
  }

  private chunk(index: number): Chunk {
    let chunk = this.chunks.get(index);
    if (!chunk) {
      chunk = this.probe(index * CHUNK, (index + 1) * CHUNK);
      this.chunks.set(index, chunk);
    }
    return chunk;
  }

  /** Clock changes in `[from, to)`. */
  private probe(from: number, to: number): Chunk {
    const transitions: Transition[] = [];
    // One second earlier, so that a change at `from` itself belongs to this chunk.
    let low = from - SECOND;
    const startOffset = this.readOffset(from);
    let before = this.readOffset(low);
    while (low < to - SECOND) {
      const high = Math.min(low + PROBE_STEP, to - SECOND);
      const after = this.readOffset(high);
      if (after !== before) transitions.push({ at: this.bisect(low, high, before), before, after });
      low = high;
      before = after;
    }
    return { startOffset, transitions };
  }

  private bisect(low: number, high: number, before: number): number {
    while (high - low > SECOND) {
      const middle = Math.floor((low + high) / 2 / SECOND) * SECOND;
      if (this.readOffset(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  private readOffset(instant: number): number {
    const match = OFFSET.exec(this.format.format(instant));
    if (!match?.[1]) return 0;
    const size = Number(match[2]) * HOUR + Number(match[3]) * MINUTE + Number(match[4] ?? 0) * SECOND;
    return match[1] === '-' ? -size : size;
  }
}

const kindOf = (year: number): string => [1, 2].map((month) => new Date(Date.UTC(year, month)).getUTCDay()).join();
const yearsByKind = new Map(
  Array.from({ length: KINDS_OF_YEARS }, (_, index) => [kindOf(ONLY_RULES_YEAR + index), ONLY_RULES_YEAR + index]),
);

interface FarYear {
  from: number;
  to: number;
  /** By how much it lies after the year after 2100 that has the same weekdays and the same length. */
  moved: number;
}

const farYears = new BoundedCache<FarYear>(MAX_CACHED_YEARS);

const yearLikeAnother = (year: number): FarYear =>
  farYears.get(`${year}`, () => {
    const from = Date.UTC(year, 0);
    const like = yearsByKind.get(kindOf(year)) ?? ONLY_RULES_YEAR;
    return { from, to: Date.UTC(year + 1, 0), moved: from - Date.UTC(like, 0) };
  });

const zones = new BoundedCache<Zone>(MAX_CACHED_ZONES);

/** @throws RangeError for a name that {@link isKnownZone} refuses. */
export function zoneNamed(name: string): Zone {
  return zones.get(name, () => new Zone(name));
}

/** An IANA name that Intl resolves. Offsets such as `+02:00`, which newer runtimes take for zones, are refused. */
export function isKnownZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    zoneNamed(name);
    return true;
  } catch {
    return false;
  }
}
