import { Inject, Injectable } from '@nestjs/common';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { BlackoutCalendar, CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import { ICalendarVersions } from '../interfaces/calendar-versions.js';

/** Days that are kept at hand: those of 200 full calendars, some 16 MB. */
const maxDaysKept = 400_000;
/** What a calendar without days counts for, so that no number of them is kept without bound. */
const countOf = ({ days }: BlackoutCalendar): number => days.length + 10;

const keyOf = ({ id, version }: CalendarVersion): string => `${id} ${version}`;

/**
 * The days of calendars. What a version holds never changes, so what has been read is kept at hand and is right for ever;
 * when there is too much of it, what was asked for longest ago makes room.
 */
@Injectable()
export class CalendarDays {
  private readonly kept = new Map<string, BlackoutCalendar>();
  private daysKept = 0;

  constructor(@Inject(ICalendarVersions) private readonly versions: ICalendarVersions) {}

  /**
   * @param tx the transaction that the caller has open, so that it does not wait for a second connection; null: none
   * @returns what looks them up: undefined for a version that is not there
   */
  of(
    tx: Transaction | null,
    versions: readonly CalendarVersion[],
  ): MaybePromise<(version: CalendarVersion) => BlackoutCalendar | undefined> {
    const found = new Map<string, BlackoutCalendar>();
    const lacking = new Map<string, CalendarVersion>();
    for (const version of versions) {
      const key = keyOf(version);
      const known = this.recall(key);
      if (known) found.set(key, known);
      else lacking.set(key, version);
    }
    return andThen(lacking.size > 0 ? this.versions.read(tx, [...lacking.values()]) : [], (read) => {
      for (const calendar of read) {
        found.set(keyOf(calendar), calendar);
        this.keep(keyOf(calendar), calendar);
      }
      return (version) => found.get(keyOf(version));
    });
  }

  private recall(key: string): BlackoutCalendar | undefined {
    const known = this.kept.get(key);
    if (!known) return undefined;
    this.kept.delete(key);
    this.kept.set(key, known);
    return known;
  }

  private keep(key: string, calendar: BlackoutCalendar): void {
    if (this.kept.has(key)) return;
    this.kept.set(key, calendar);
    this.daysKept += countOf(calendar);
    for (const [oldest, held] of this.kept) {
      if (this.daysKept <= maxDaysKept) break;
      this.kept.delete(oldest);
      this.daysKept -= countOf(held);
    }
  }
}
