import { setTimeout as sleep } from 'node:timers/promises';
import type { Submission } from './ledgers.js';
import type { Random } from './random.js';
import type { Sink } from './sink.js';
import type { System } from './system.js';

export interface Work {
  /** Ms that the sink takes for a call. */
  delayMs: (random: Random) => number;
  /** Jobs submitted a second. */
  rate: number;
  /** Share of the requests that submit twenty jobs at once; 0.03 unless it says otherwise. */
  bulk?: number;
  /** Share of the other requests that are sent without a key, and so once only; none unless it says otherwise. */
  keyless?: number;
  /** Recurring jobs, each due every second. */
  recurring: number;
}

interface Asked {
  submissions: Submission[];
  /** Null: it is sent once, without one. */
  key: string | null;
  path: string;
  body: object;
}

const answerMs = 5_000;
const pumpMs = 50;
const bulkSize = 20;
const usualBulk = 0.03;
const mostInFlight = 200;

/**
 * A client that keeps its own ledger: what was asked for, what was answered, and what was left open and asked for again
 * with the same `Idempotency-Key` until it was answered.
 */
export class Load {
  readonly submissions: Submission[] = [];
  /** Answers that no client should ever get. */
  readonly badAnswers: string[] = [];
  /** Submissions that were answered 503 with `Retry-After`. */
  refusals = 0;
  /** Jobs that were answered with success. */
  accepted = 0;
  /** How long clear answers took, in ms. */
  readonly answerTimes: number[] = [];
  private token = '';
  private number = 0;
  private owed = 0;
  private turn = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    private readonly system: System,
    private readonly sink: Sink,
    private readonly random: Random,
    private readonly scenario: string,
    private readonly work: Work,
  ) {}

  async register(): Promise<void> {
    const email = `${this.scenario.toLowerCase()}-${Date.now()}@example.com`;
    const answer = await this.send('/auth/register', { email, password: 'correct horse battery', name: 'Load' });
    this.token = ((await answer.json()) as { access_token: string }).access_token;
  }

  start(): void {
    this.timer = setInterval(() => this.pump(), pumpMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves when every submission has had a clear answer. */
  async answered(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.all(this.inFlight);
  }

  /** @returns the submission, once it has been answered */
  async submit(fields: object, more: Partial<Submission> = {}): Promise<Submission> {
    const asked = this.ask([{ fields, more }]);
    await this.insist(asked);
    return asked.submissions[0]!;
  }

  async addRecurring(): Promise<void> {
    const fields = {
      type: 'recurring',
      intervalMs: 1_000,
      overlapPolicy: 'skip',
      catchup: { mode: 'all', max: 1_000 },
    };
    const mayEnd = ['succeeded', 'skipped', 'missed', 'cancelled'];
    const all = Array.from({ length: this.work.recurring }, () => ({
      fields: { ...fields, ...this.http('') },
      more: { kind: 'recurring' as const, mayEnd },
    }));
    if (all.length > 0) await this.insist(this.ask(all));
  }

  async cancelRecurring(): Promise<void> {
    for (const submission of this.submissions) {
      if (submission.kind !== 'recurring' || !submission.jobId) continue;
      await this.move(`/jobs/${submission.jobId}/cancel`);
      submission.endedAt = Date.now();
    }
  }

  /** Asks for a transition until the answer is clear. @returns the answer's status */
  async move(path: string, body?: object): Promise<number> {
    for (;;) {
      const status = await this.send(path, body).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status >= 200 && status < 500 && status !== 429) return status;
      await sleep(100);
    }
  }

  private pump(): void {
    this.owed += (this.work.rate * pumpMs) / 1_000;
    for (; this.owed >= 1 && this.inFlight.size < mostInFlight; this.owed -= 1) this.submitOne();
    this.owed = Math.min(this.owed, this.work.rate);
  }

  private submitOne(): void {
    const { random } = this;
    if (random.next() < (this.work.bulk ?? usualBulk)) {
      this.owed -= bulkSize - 1;
      return this.track(this.ask(Array.from({ length: bulkSize }, () => ({ fields: this.http() }))));
    }
    if (this.work.keyless && random.next() < this.work.keyless)
      return this.track(this.ask([{ fields: this.http(), more: { keyless: true } }]));
    const chance = random.next();
    if (chance < 0.1) {
      const at = Date.now() + random.between(500, 3_000);
      const fields = { ...this.http(), scheduledAt: new Date(at).toISOString() };
      return this.track(this.ask([{ fields, more: { scheduledAt: at } }]));
    }
    if (chance < 0.15) return this.track(this.ask([{ fields: this.http('&fail=2'), more: { failures: 2 } }]));
    if (chance < 0.2) {
      const fields = { handler: 'email', payload: { to: 'someone@example.com', text: 'Hello' } };
      // A lost attempt of a mail is parked: it ends as failed, for a person to look at.
      return this.track(this.ask([{ fields, more: { kind: 'email', mayEnd: ['succeeded', 'failed'] } }]));
    }
    if (chance < 0.25)
      return this.track(
        this.ask([{ fields: { handler: 'log', payload: { message: 'hello' } }, more: { kind: 'log' } }]),
      );
    return this.track(this.ask([{ fields: this.http() }]));
  }

  /** An `http` job whose address the sink understands; its key is added when it is asked for. */
  http(query = '', delayMs = this.work.delayMs(this.random)): object {
    return { handler: 'http', query: `?delay=${delayMs}${query}` };
  }

  private ask(all: { fields: object; more?: Partial<Submission> }[]): Asked {
    const made = all.map(({ fields, more }) => this.one(fields as Record<string, unknown>, more ?? {}));
    this.submissions.push(...made.map(({ submission }) => submission));
    const jobs = made.map(({ job }) => job);
    const [only] = jobs;
    const submissions = made.map(({ submission }) => submission);
    const key = submissions[0]!.keyless ? null : submissions[0]!.key;
    return jobs.length === 1
      ? { submissions, key, path: '/jobs', body: only! }
      : { submissions, key, path: '/jobs/bulk', body: { jobs } };
  }

  private one({ query, ...fields }: Record<string, unknown>, more: Partial<Submission>) {
    this.number += 1;
    const key = `${this.scenario}-${this.number}`;
    const submission: Submission = {
      ...{ key, kind: fields['handler'] === 'http' ? 'http' : 'custom', scheduledAt: null, sentAt: Date.now() },
      ...{
        answer: 'unknown',
        answeredAt: null,
        jobId: null,
        endedAt: null,
        unknowns: 0,
        keyless: false,
        mayEnd: ['succeeded'],
        failures: 0,
        ...more,
      },
    };
    if (fields['handler'] === 'http') fields['payload'] = { url: `${this.sink.url}/${key}${String(query)}` };
    if (fields['handler'] === 'email') Object.assign(fields['payload'] as object, { subject: key });
    return { submission, job: { name: key, type: 'one_time', ...fields } };
  }

  private track(asked: Asked): void {
    const answered = this.insist(asked).finally(() => this.inFlight.delete(answered));
    this.inFlight.add(answered);
  }

  private async insist({ submissions, key, path, body }: Asked): Promise<void> {
    for (;;) {
      const sentAt = performance.now();
      const clear = await this.send(path, body, key).then(
        (answer) => this.read(answer, submissions),
        () => false,
      );
      if (clear) return void this.answerTimes.push(performance.now() - sentAt);
      for (const submission of submissions) submission.unknowns += 1;
      if (key === null) return;
      await sleep(this.random.between(100, 300));
    }
  }

  /** @returns whether the answer says what has become of the submission */
  private async read(answer: Response, submissions: Submission[]): Promise<boolean> {
    const text = await answer.text();
    if (answer.status === 201 || answer.status === 200) {
      const body = JSON.parse(text) as { id: string; data?: { id: string }[] };
      const ids = (body.data ?? [body]).map(({ id }) => id);
      submissions.forEach((submission, index) =>
        Object.assign(submission, { answer: 'accepted', answeredAt: Date.now(), jobId: ids[index] ?? null }),
      );
      this.accepted += submissions.length;
      return true;
    }
    if (answer.status === 503 && answer.headers.has('retry-after')) {
      this.refusals += 1;
      return false;
    }
    const { code, detail } = JSON.parse(text || '{}') as { code?: string; detail?: string };
    this.badAnswers.push(`${answer.status} ${code ?? text.slice(0, 100)} ${detail ?? ''}`);
    if (answer.status >= 500) return false;
    for (const submission of submissions) submission.answer = 'refused';
    return true;
  }

  private send(path: string, body?: object, key: string | null = null): Promise<Response> {
    const { urls } = this.system;
    const url = urls[(this.turn += 1) % Math.max(urls.length, 1)];
    if (url === undefined) return Promise.reject(new Error('No API is running'));
    return fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(key && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(answerMs),
    });
  }
}
