import { Inject, Injectable, Logger } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { Config } from '../../config/config.js';
import { fingerprintOf } from '../../idempotency/domain/fingerprint.js';
import { Idempotency } from '../../idempotency/services/idempotency.js';
import type { Answered } from '../../idempotency/services/idempotency.js';
import { canonical } from '../../kernel/canonical.js';
import { conflict, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Listed } from '../../kernel/listed.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import { requireUnchanged } from '../../kernel/precondition.js';
import type { Precondition } from '../../kernel/precondition.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import { accountGone } from '../../users/domain/user.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { asDays } from '../domain/calendar.js';
import type { Calendar, CalendarView } from '../domain/calendar.js';
import { ICalendarRepository } from '../interfaces/calendar-repository.js';
import { ICalendarUsers } from '../interfaces/calendar-users.js';
import { CalendarChanges } from './calendar-changes.js';

/** Jobs that a refused deletion names. */
const namedJobs = 10;

/** A calendar as somebody wrote it: valid days in any order. */
export interface CalendarInput {
  name: string;
  days: string[];
}

/** Shared calendars of blackout days. A change reaches the jobs that use the calendar a few at a time. */
@Injectable()
export class Calendars {
  private readonly logger = new Logger(Calendars.name);
  private readonly most: number;

  constructor(
    @Inject(ICalendarRepository) private readonly calendars: ICalendarRepository,
    @Inject(ICalendarUsers) private readonly users: ICalendarUsers,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly idempotency: Idempotency,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly changes: CalendarChanges,
    @Inject(IUserRepository) private readonly owners: IUserRepository,
    @Inject(Config) { calendars: { perUser } }: Config,
  ) {
    this.most = perUser;
  }

  /** @throws conflict `TOO_MANY_CALENDARS`, `CALENDAR_NAME_TAKEN`; impossible `IDEMPOTENCY_KEY_REUSED` */
  create(input: CalendarInput, userId: string, key: string | null): Promise<Answered<Calendar>> {
    const keyed = key === null ? null : { userId, route: 'POST /calendars', key, fingerprint: fingerprintOf(input) };
    return this.transactions.run((tx) => this.idempotency.once(tx, keyed, () => this.add(tx, input, userId)));
  }

  /** @throws DomainError `not_found`, also for what belongs to somebody else */
  async get(id: string, userId: string): Promise<CalendarView> {
    const calendar = await this.calendars.find(id, userId);
    if (!calendar) throw notFound('calendar');
    return this.view(null, calendar);
  }

  async list(userId: string, page: PageRequest): Promise<Page<Listed<CalendarView>>> {
    const { data, meta } = await this.calendars.list(userId, page);
    const waiting = await this.waiting(null, data);
    return { data: data.map((calendar) => ({ ...calendar, jobsWaiting: waiting.get(calendar.id) ?? 0 })), meta };
  }

  /**
   * The change is committed when this resolves. It comes into force job by job, for each for the times after that; what this does
   * not get done itself is left to a duty.
   * @throws DomainError `CHANGED_MEANWHILE`
   */
  async replace(
    id: string,
    userId: string,
    input: CalendarInput,
    expected: Precondition<CalendarView> = null,
  ): Promise<CalendarView> {
    const changed = await this.transactions.run(async (tx) => {
      const calendar = await this.lock(tx, id, userId, expected);
      const now = await this.calendars.now(tx);
      const [name, days] = [input.name, asDays(input.days)];
      if (name === calendar.name && canonical(days) === canonical(calendar.days)) return calendar;
      const version = calendar.version + 1;
      const next = { ...calendar, name, days, version, changing: true, updatedAt: now };
      await this.calendars.update(tx, next);
      await this.trail.record(tx, { target: { kind: 'calendar', id }, before: shown(calendar), after: shown(next) });
      return next;
    });
    return this.view(null, await this.begin(changed));
  }

  /** @throws DomainError `CHANGED_MEANWHILE`; `CALENDAR_IN_USE` that names jobs which use it */
  async delete(id: string, userId: string, expected: Precondition<CalendarView> = null): Promise<void> {
    await this.transactions.run(async (tx) => {
      const calendar = await this.lock(tx, id, userId, expected);
      const { total, jobs } = await this.users.usersOf(tx, calendar, namedJobs);
      if (total > 0)
        throw conflict('CALENDAR_IN_USE', `${total} of your jobs use this calendar: ${jobs.map(nameOf).join(', ')}.`, {
          total,
          jobs,
        });
      await this.calendars.delete(tx, id);
      await this.trail.record(tx, { target: { kind: 'calendar', id }, before: shown(calendar) });
    });
  }

  private async add(tx: Transaction, { name, days }: CalendarInput, userId: string): Promise<Calendar> {
    // Of two at once, the second counts the first's.
    if (!(await this.owners.lock(tx, userId))) throw accountGone();
    if ((await this.calendars.count(tx, userId)) >= this.most)
      throw conflict('TOO_MANY_CALENDARS', `You have ${this.most} calendars, which is the most; delete one first.`);
    const now = await this.calendars.now(tx);
    const times = { createdAt: now, updatedAt: now };
    const calendar = { id: newId(), userId, name, days: asDays(days), version: 1, changing: false, ...times };
    await this.calendars.insert(tx, calendar);
    await this.trail.record(tx, { target: { kind: 'calendar', id: calendar.id }, after: shown(calendar) });
    return calendar;
  }

  private async begin(changed: Calendar): Promise<Calendar> {
    if (!changed.changing) return changed;
    try {
      return { ...changed, changing: !(await this.changes.begin(changed)) };
    } catch (error) {
      // It is committed: what could not follow is tried again by the duty, and is counted in the answer.
      this.logger.warn(`Jobs do not follow the calendar ${changed.id} yet: ${String(error)}`);
      return changed;
    }
  }

  private async lock(
    tx: Transaction,
    id: string,
    userId: string,
    expected: Precondition<CalendarView>,
  ): Promise<Calendar> {
    const calendar = await this.calendars.lock(tx, id, userId);
    if (!calendar) throw notFound('calendar');
    if (expected !== null) requireUnchanged('calendar', await this.view(tx, calendar), expected);
    return calendar;
  }

  private async view(tx: Transaction | null, calendar: Calendar): Promise<CalendarView> {
    const waiting = await this.waiting(tx, [calendar]);
    return { ...calendar, jobsWaiting: waiting.get(calendar.id) ?? 0 };
  }

  private async waiting(tx: Transaction | null, calendars: Calendar[]): Promise<Map<string, number>> {
    const changing = calendars.filter((calendar) => calendar.changing);
    return changing.length > 0 ? this.users.behind(tx, changing) : new Map();
  }
}

/** What of a calendar people change: the audit log compares it. */
const shown = ({ name, days, version }: Calendar) => ({ name, days, version });

const nameOf = ({ name }: { name: string }): string => `"${name}"`;
