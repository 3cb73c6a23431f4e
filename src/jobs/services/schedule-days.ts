import { Injectable } from '@nestjs/common';
import { CalendarDays } from '../../calendars/services/calendar-days.js';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { ScheduleVersion } from '../interfaces/job-repository.js';
import { resolveCalendars } from '../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../schedules/domain/index.js';

/** Gives a schedule the days of its calendars. @throws Error when a calendar's version is not found */
export type ResolveSchedule = (schedule: RecurringSchedule) => ResolvedSchedule;

/** Resolves schedules that name no calendar. */
export const withoutCalendars: ResolveSchedule = (schedule) => resolveCalendars(schedule, () => undefined);

/** Replaces the calendars that stored schedules name by their days, just before the pure functions that need the days. */
@Injectable()
export class ScheduleDays {
  constructor(private readonly calendars: CalendarDays) {}

  /**
   * Reads the calendars that the schedules name, unless they are cached.
   * @param tx the caller's open transaction; null when there is none
   * @returns the function that resolves each schedule
   */
  of(
    tx: Transaction | null,
    schedules: readonly (RecurringSchedule | null | undefined)[],
  ): MaybePromise<ResolveSchedule> {
    const named = schedules.flatMap((schedule) => schedule?.calendars ?? []);
    if (named.length === 0) return withoutCalendars;
    return andThen(
      this.calendars.of(tx, named),
      (lookUp): ResolveSchedule =>
        (schedule) =>
          resolveCalendars(schedule, lookUp),
    );
  }

  /** The versions, with the days of `asked` only; the caller does not use the days of the others. */
  async resolveVersion(
    versions: readonly ScheduleVersion[],
    asked: Pick<ScheduleVersion, 'version'> | null | undefined,
  ): Promise<ScheduleVersion<ResolvedSchedule>[]> {
    const found = versions.find(({ version }) => version === asked?.version);
    const resolved = found && (await this.resolve(null, found.schedule));
    return versions.map((version) => {
      const { calendars: _calendars, ...schedule } = version.schedule;
      return { ...version, schedule: (version === found && resolved) || schedule };
    });
  }

  /** As {@link of}, for one schedule. */
  async resolve(tx: Transaction | null, schedule: RecurringSchedule): Promise<ResolvedSchedule> {
    return (await this.of(tx, [schedule]))(schedule);
  }
}
