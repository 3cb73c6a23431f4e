import { Injectable } from '@nestjs/common';
import { CalendarDays } from '../../calendars/services/calendar-days.js';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { ScheduleVersion } from '../interfaces/job-repository.js';
import { resolveCalendars } from '../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../schedules/domain/index.js';

/** Gives a schedule the days of its calendars. @throws Error when one is not there */
export type ResolveSchedule = (schedule: RecurringSchedule) => ResolvedSchedule;

/** For schedules that name no calendar. */
export const withoutCalendars: ResolveSchedule = (schedule) => resolveCalendars(schedule, () => undefined);

/** The one place where the calendars that stored schedules name become days: just before the pure functions that ask for them. */
@Injectable()
export class ScheduleDays {
  constructor(private readonly calendars: CalendarDays) {}

  /**
   * Reads what the schedules name, unless it is at hand.
   * @param tx the transaction that the caller has open; null: none
   * @returns what resolves each of them
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

  /** The versions with the days of `asked`; those of the others, which are not looked at, are left out. */
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

  /** {@link of} for one. */
  async resolve(tx: Transaction | null, schedule: RecurringSchedule): Promise<ResolvedSchedule> {
    return (await this.of(tx, [schedule]))(schedule);
  }
}
