/** Names one state of a shared calendar: what it held at a version never changes. */
export interface CalendarVersion {
  id: string;
  /** Rises by one with each change. */
  version: number;
}

/** What a calendar holds, or held, at a version. */
export interface BlackoutCalendar extends CalendarVersion {
  name: string;
  /** Local dates `YYYY-MM-DD`, sorted, each once; every job reads them in its own zone. */
  days: readonly string[];
}
