import fc from 'fast-check';

/** A cron field as text beside what it means, so that no test has to parse it. */
export interface ArbitraryField {
  text: string;
  wild: boolean;
  matches: (value: number) => boolean;
}

export interface ArbitraryLine {
  text: string;
  fixedTime: boolean;
  /** Takes ms as if the wall clock showed UTC; whole minutes only. */
  names: (civil: number) => boolean;
  /** The day and month fields alone. */
  namesDay: (civil: number) => boolean;
}

const star: ArbitraryField = { text: '*', wild: true, matches: () => true };

function numberField(min: number, max: number, likely: fc.Arbitrary<number>): fc.Arbitrary<ArbitraryField> {
  const within = fc.integer({ min, max });
  const value = fc.oneof(likely, within);
  const step = fc.integer({ min: 2, max: Math.floor((max - min) / 2) });
  const list = fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => ({
    text: values.join(','),
    wild: false,
    matches: (candidate: number) => values.includes(candidate),
  }));
  const range = fc.tuple(value, value, fc.option(step)).map(([a, b, every]) => {
    const [first, last] = a < b ? [a, b] : [b, a];
    return {
      text: `${first}-${last}${every ? `/${every}` : ''}`,
      wild: false,
      matches: (candidate: number) =>
        candidate >= first && candidate <= last && (candidate - first) % (every ?? 1) === 0,
    };
  });
  const stepped = fc.tuple(fc.option(value), step).map(([first, every]) => ({
    text: `${first ?? '*'}/${every}`,
    wild: first === null,
    matches: (candidate: number) => candidate >= (first ?? min) && (candidate - (first ?? min)) % every === 0,
  }));
  return fc.oneof({ weight: 3, arbitrary: list }, range, stepped, fc.constant(star));
}

const DAY = 86_400_000;

interface CalendarDay {
  date: number;
  lastDate: number;
  weekday: number;
  weekdayOf: (date: number) => number;
}

interface DayField {
  text: string;
  matches: (day: CalendarDay) => boolean;
}

const lastWorkday = ({ lastDate, weekdayOf }: CalendarDay): number =>
  [lastDate, lastDate - 1, lastDate - 2].find((date) => weekdayOf(date) % 6 !== 0)!;

/** `15W`: the working day nearest to the 15th that does not leave the month. Source: Quartz. */
function nearestWorkday(wanted: number, { lastDate, weekdayOf }: CalendarDay): number | null {
  if (wanted > lastDate) return null;
  const candidates = [wanted, wanted - 1, wanted + 1, wanted - 2, wanted + 2];
  return candidates.find((date) => date >= 1 && date <= lastDate && weekdayOf(date) % 6 !== 0) ?? null;
}

const anyDay: DayField = { text: '*', matches: () => true };

/** Tokens of every kind may stand beside each other in one field. */
function listOf(token: fc.Arbitrary<DayField>): fc.Arbitrary<DayField> {
  return fc.uniqueArray(token, { minLength: 1, maxLength: 3, selector: ({ text }) => text }).map((tokens) => ({
    text: tokens.map(({ text }) => text).join(','),
    matches: (day) => tokens.some(({ matches }) => matches(day)),
  }));
}

const dateToken: fc.Arbitrary<DayField> = fc.oneof(
  fc.constant({ text: 'L', matches: ({ date, lastDate }: CalendarDay) => date === lastDate }),
  fc
    .integer({ min: 1, max: 31 })
    .map((wanted) => ({ text: `${wanted}W`, matches: (day: CalendarDay) => day.date === nearestWorkday(wanted, day) })),
  fc.integer({ min: 1, max: 31 }).map((wanted) => ({
    text: `${wanted}`,
    matches: ({ date }: CalendarDay) => date === wanted,
  })),
);

const dayOfMonth: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(anyDay, { ...anyDay, text: '?' }) },
  { weight: 2, arbitrary: listOf(dateToken) },
  fc.constant({ text: 'LW', matches: (day: CalendarDay) => day.date === lastWorkday(day) }),
  numberField(1, 31, fc.constantFrom(1, 15, 28, 29, 30, 31)).map(({ text, matches }) => ({
    text,
    matches: ({ date }: CalendarDay) => matches(date),
  })),
);

const NAMES = ['SUN', 'Mon', 'tue', 'WED', 'thu', 'FRI', 'Sat'];
const weekdayNumber = fc.integer({ min: 0, max: 6 });

const weekdayToken: fc.Arbitrary<DayField> = fc.oneof(
  fc.constant({ text: 'MON-FRI', matches: ({ weekday }: CalendarDay) => weekday % 6 !== 0 }),
  fc.constant({ text: 'fri-SUN', matches: ({ weekday }: CalendarDay) => weekday === 0 || weekday >= 5 }),
  fc.constant({ text: '5-7', matches: ({ weekday }: CalendarDay) => weekday === 0 || weekday >= 5 }),
  fc.constant({ text: '1/2', matches: ({ weekday }: CalendarDay) => weekday % 2 === 1 }),
  fc.integer({ min: 0, max: 7 }).map((wanted) => ({
    text: `${wanted}`,
    matches: ({ weekday }: CalendarDay) => weekday === wanted % 7,
  })),
  weekdayNumber.map((wanted) => ({
    text: `${wanted}L`,
    matches: ({ weekday, date, lastDate }: CalendarDay) => weekday === wanted && date + 7 > lastDate,
  })),
  fc.tuple(weekdayNumber, fc.integer({ min: 1, max: 5 })).map(([wanted, nth]) => ({
    text: `${NAMES[wanted]}#${nth}`,
    matches: ({ weekday, date }: CalendarDay) => weekday === wanted && Math.ceil(date / 7) === nth,
  })),
);

const dayOfWeek: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(anyDay, { ...anyDay, text: '?' }) },
  fc.constant({ text: '*/2', matches: ({ weekday }: CalendarDay) => weekday % 2 === 0 }),
  { weight: 2, arbitrary: listOf(weekdayToken) },
);

const month = fc.oneof({ weight: 3, arbitrary: fc.constant(star) }, numberField(1, 12, fc.constantFrom(2, 3, 10, 11)));

/** Lines of five fields in every form that the grammar has, with times of day where clocks change made likely. */
export const cronLine: fc.Arbitrary<ArbitraryLine> = fc
  .record({
    minute: numberField(0, 59, fc.constantFrom(0, 15, 30, 45)),
    hour: numberField(0, 23, fc.constantFrom(0, 1, 2, 3, 23)),
    dayOfMonth,
    month,
    dayOfWeek,
  })
  .map(({ minute, hour, dayOfMonth, month, dayOfWeek }) => {
    const bothDayFields = /^[*?]/.test(dayOfMonth.text) || /^[*?]/.test(dayOfWeek.text);
    const namesDay = (civil: number): boolean => {
      const day = calendarDay(new Date(civil));
      if (!month.matches(new Date(civil).getUTCMonth() + 1)) return false;
      const [byDate, byWeekday] = [dayOfMonth.matches(day), dayOfWeek.matches(day)];
      return bothDayFields ? byDate && byWeekday : byDate || byWeekday;
    };
    const namesTime = (at: Date): boolean => minute.matches(at.getUTCMinutes()) && hour.matches(at.getUTCHours());
    return {
      text: [minute.text, hour.text, dayOfMonth.text, month.text, dayOfWeek.text].join(' '),
      fixedTime: !minute.wild && !hour.wild,
      names: (civil: number) => namesTime(new Date(civil)) && namesDay(civil),
      namesDay,
    };
  });

function calendarDay(at: Date): CalendarDay {
  const firstDay = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
  return {
    date: at.getUTCDate(),
    lastDate: new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate(),
    weekday: at.getUTCDay(),
    weekdayOf: (date) => new Date(firstDay + (date - 1) * DAY).getUTCDay(),
  };
}
