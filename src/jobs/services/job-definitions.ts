import { Inject, Injectable } from '@nestjs/common';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import { Config } from '../../config/config.js';
import type { FieldProblem } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { isJsonObject } from '../../kernel/json.js';
import type { JsonObject } from '../../kernel/json.js';
import { Slices } from '../../kernel/slices.js';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import type { Transaction } from '../../kernel/transaction.js';
import { hasReferences } from '../../secrets/domain/secret-reference.js';
import { PayloadSecrets } from '../../secrets/services/payload-secrets.js';
import { canonical } from '../../kernel/canonical.js';
import { jobTypes } from '../domain/job.js';
import type { Job } from '../domain/job.js';
import { inputOf, isSameDefinition } from '../domain/job-input.js';
import type { JobInput } from '../domain/job-input.js';
import { isFinished } from '../domain/job-status.js';
import { defaultCatchup } from '../domain/policies.js';
import { keptAnchor } from '../../schedules/domain/index.js';
import { IHandlerCatalogue } from '../interfaces/handler-catalogue.js';
import { ScheduleReader, refuse } from './schedule-reader.js';
import type { Fault } from './schedule-reader.js';

/** The handler of a definition that names none. */
const defaultHandler = 'log';

/** Turns a user's definition into a job, or into the list of all its faults. */
@Injectable()
export class JobDefinitions {
  constructor(
    @Inject(IHandlerCatalogue) private readonly handlers: IHandlerCatalogue,
    @Inject(Config) private readonly config: Config,
    private readonly schedules: ScheduleReader,
    private readonly secrets: PayloadSecrets,
  ) {}

  /**
   * @param now the database's clock
   * @throws DomainError `invalid` with every fault and its pointer; `impossible` where all fields are well-formed but the job can never run
   */
  async define(
    tx: Transaction,
    inputs: JobInput[],
    userId: string,
    now: Date,
    prefix: (index: number) => string,
  ): Promise<Job[]> {
    const calendars = await this.schedules.calendarsOf(tx, inputs, userId);
    const references = await this.secrets.problemsOf(tx, userId, inputs.map(payloadOf));
    const jobs: Job[] = [];
    const faults: Fault[] = [];
    const slices = new Slices();
    for (const [index, input] of inputs.entries()) {
      const { job, found } = await this.readAll(input, userId, newId(), now, calendars);
      found.push(...inPayload(references[index]));
      faults.push(...found.map((fault) => ({ ...fault, pointer: `${prefix(index)}${fault.pointer}` })));
      jobs.push(job);
      await slices.next();
    }
    refuse(faults);
    return jobs;
  }

  /** Whether reading the definition needs the database: for calendars or secrets. */
  needsDatabase(input: JobInput): boolean {
    return Boolean(input.calendars) || hasReferences(payloadOf(input));
  }

  /** As `define`, for one definition that needs no database. A promise only where the handler's validation is asynchronous. */
  defineWithoutDatabase(input: JobInput, userId: string, now: Date, prefix: string): MaybePromise<Job> {
    const { job, found, more } = this.read(input, userId, newId(), now, []);
    return andThen(more, (faults) => {
      refuse([...found, ...faults].map((fault) => ({ ...fault, pointer: `${prefix}${fault.pointer}` })));
      return job;
    });
  }

  /**
   * The job with a new definition and the next version. A field that the definition does not name takes its default; the default
   * of the anchor is the job's anchor where both definitions have the same step. An equal definition gives the job itself.
   */
  async redefine(tx: Transaction, job: Job, input: JobInput, now: Date): Promise<Job> {
    const held = await this.schedules.calendarsOf(tx, [input], job.userId);
    // A finished job keeps the calendars under which it ran; they may be deleted.
    const calendars = isFinished(job.status) ? [...(job.schedule?.calendars ?? []), ...held] : held;
    const anchorAt = keptAnchor(input, inputOf(job));
    const whole = anchorAt === undefined ? input : { ...input, anchorAt };
    const { job: defined, found } = await this.readAll(whole, job.userId, job.id, now, calendars);
    const [references] = await this.secrets.problemsOf(tx, job.userId, [payloadOf(input)]);
    const faults = found.filter(
      ({ pointer }) => pointer !== '/retryDelayMs' || input.retryDelayMs !== job.retryDelayMs,
    );
    refuse([...faults, ...inPayload(references)]);
    const sameTimes = sameSchedule(job, defined);
    if (sameTimes && isSameDefinition(job, defined)) return job;
    return {
      ...job,
      ...defined,
      ...(sameTimes && { schedule: job.schedule, nextRunAt: job.nextRunAt }),
      status: job.status,
      plannedCount: job.plannedCount,
      activeUntil: job.activeUntil,
      pausedAt: job.pausedAt,
      pausedUntil: job.pausedUntil,
      pauseNote: job.pauseNote,
      pauseReason: job.pauseReason,
      version: job.version + 1,
      versionSince: now,
      createdAt: job.createdAt,
      updatedAt: now,
    };
  }

  /**
   * The faults in the meaning of a definition. A field may have the wrong type here; other code reports that. The database is not
   * queried, so a calendar or secret that does not exist is not reported.
   */
  async faultsOf(sent: object, now: Date): Promise<FieldProblem[]> {
    const { type, calendars: _, ...fields } = sent as Record<string, unknown>;
    const found: Fault[] = [];
    const known = jobTypes.find((name) => name === type);
    if (known) this.schedules.when({ name: '', type: known, ...fields }, [], newId(), now, found);
    found.push(...(await this.runFaults({ handler: defaultHandler, ...sent })));
    return found;
  }

  /** As `faultsOf`, for a change: only faults of single fields, independent of the job's other fields. */
  async faultsOfFields(sent: object, now: Date): Promise<FieldProblem[]> {
    return [...this.schedules.fieldFaults(sent, now, newId()), ...(await this.runFaults(sent))];
  }

  /** Faults of the handler, its payload and its limits. */
  private async runFaults(sent: object): Promise<Fault[]> {
    const { handler, payload } = sent as Record<string, unknown>;
    const limits = this.limitFaults(sent);
    if (typeof handler !== 'string' || !(payload === undefined || isJsonObject(payload))) return limits;
    return [...limits, ...(await this.payloadFaults(handler, payload ?? {}))];
  }

  /** Checks a payload for the job's handler. @throws DomainError `invalid` */
  async checkPayload(tx: Transaction, job: Pick<Job, 'handler' | 'userId'>, payload: JsonObject): Promise<void> {
    const [references] = await this.secrets.problemsOf(tx, job.userId, [payload]);
    refuse([...(await this.payloadFaults(job.handler, payload)), ...inPayload(references)]);
  }

  private async readAll(...given: Parameters<JobDefinitions['read']>): Promise<{ job: Job; found: Fault[] }> {
    const { job, found, more } = this.read(...given);
    return { job, found: [...found, ...(await more)] };
  }

  private read(input: JobInput, userId: string, id: string, now: Date, calendars: CalendarVersion[]) {
    const found: Fault[] = [];
    const when = this.schedules.when(input, calendars, id, now, found);
    const { handler = defaultHandler, payload = {} } = input;
    const job: Job = {
      id,
      userId,
      name: input.name,
      description: input.description ?? null,
      type: input.type,
      handler,
      payload,
      status: 'pending',
      ...when,
      overlapPolicy: input.overlapPolicy ?? 'skip',
      catchup: input.catchup ? { ...defaultCatchup, ...input.catchup } : defaultCatchup,
      pauseAfterFailures: input.pauseAfterFailures ?? null,
      pausedAt: null,
      pausedUntil: null,
      pauseNote: null,
      pauseReason: null,
      maxRetries: input.maxRetries ?? this.config.retry.maxRetries,
      retryDelayMs: input.retryDelayMs ?? null,
      timeoutMs: input.timeoutMs ?? null,
      onLost: input.onLost ?? null,
      notifyOnFailure: input.notifyOnFailure ?? null,
      plannedCount: 0,
      activeUntil: null,
      version: 1,
      versionSince: now,
      createdAt: now,
      updatedAt: now,
    };
    const more = andThen(this.payloadFaults(handler, payload), (faults) => [...faults, ...this.limitFaults(input)]);
    return { job, found, more };
  }

  private payloadFaults(handler: string, payload: NonNullable<JobInput['payload']>): MaybePromise<Fault[]> {
    const names = this.handlers.names();
    if (!names.includes(handler))
      return [
        {
          kind: 'invalid',
          pointer: '/handler',
          detail: `There is no handler "${handler}"; there are: ${names.join(', ')}.`,
        },
      ];
    return andThen(this.handlers.validate(handler, payload), inPayload);
  }

  private limitFaults({ timeoutMs, retryDelayMs }: { timeoutMs?: unknown; retryDelayMs?: unknown }): Fault[] {
    const { engine, retry } = this.config;
    return [
      ...aboveLimit('timeoutMs', timeoutMs, engine.maxTimeoutMs),
      ...aboveLimit('retryDelayMs', retryDelayMs, retry.maxDelayMs),
    ];
  }
}

const aboveLimit = (field: string, given: unknown, limit: number): Fault[] =>
  typeof given === 'number' && given > limit
    ? [{ kind: 'invalid', pointer: `/${field}`, detail: `${field} must be at most ${limit}.` }]
    : [];

const payloadOf = ({ payload = {} }: JobInput): JsonObject => payload;

const inPayload = (problems: readonly FieldProblem[] = []): Fault[] =>
  problems.map(({ pointer, detail }) => ({ kind: 'invalid', pointer: `/payload${pointer}`, detail }));

export const sameSchedule = (a: Job, b: Job): boolean =>
  a.type === b.type &&
  a.scheduledAt?.getTime() === b.scheduledAt?.getTime() &&
  canonical(a.schedule) === canonical(b.schedule);
