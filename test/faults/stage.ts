import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import type { Books } from './books.js';
import type { Fault } from './ledgers.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { Sink } from './sink.js';
import type { Member, System } from './system.js';

/** How long a victim is waited for, in ms. */
const patienceMs = 20_000;
/** How much longer than its time a scenario may take for its goal, in ms. */
const goalPatienceMs = 1_800_000;
const progressMs = 60_000;

/** What a scenario works with. Everything it does to the system goes through here and into the nemesis' ledger. */
export class Stage {
  readonly faults: Fault[] = [];
  /** What a scenario itself found wrong. */
  readonly findings: string[] = [];
  /** Counts of its own that a scenario wants shown. */
  readonly notes: string[] = [];
  /** Tables of its own that a scenario wants shown. */
  readonly pages: string[] = [];
  private readonly returning = new Set<Promise<unknown>>();

  constructor(
    readonly system: System,
    private readonly books: Books,
    readonly sink: Sink,
    readonly load: Load,
    readonly random: Random,
    /** How long the faults go on, in ms. */
    readonly durationMs: number,
    /** So many jobs must have been accepted before the faults are over, however long it takes; 0: no such goal. */
    private readonly goal = 0,
  ) {}

  /** Faults have a length: this is it. */
  last(ms: number): Promise<void> {
    return sleep(ms);
  }

  /** Does `work` again and again, `everyMs` apart, until the scenario's time is over and its goal is reached. */
  async repeat(everyMs: number, work: (round: number) => Promise<void>): Promise<void> {
    const until = performance.now() + this.durationMs;
    let tellAt = performance.now() + progressMs;
    for (let round = 0; ; round += 1) {
      if (this.goal > 0 && performance.now() > tellAt) {
        console.log(`  … ${this.load.accepted} of ${this.goal} jobs accepted`);
        tellAt += progressMs;
      }
      const missing = this.load.accepted < this.goal;
      if (performance.now() >= until && !missing) return;
      if (performance.now() > until + goalPatienceMs)
        return void this.findings.push(`only ${this.load.accepted} of ${this.goal} jobs were accepted`);
      await work(round);
      await sleep(missing ? everyMs : Math.min(everyMs, Math.max(until - performance.now(), 0)));
    }
  }

  /** @param work begins the fault and ends it */
  async fault(
    name: string,
    target: string,
    work: () => Promise<unknown>,
    kind: Extract<Fault['kind'], 'kill' | 'other'> = 'other',
  ): Promise<void> {
    const fault: Fault = { name, target, pid: null, kind, from: Date.now(), to: Infinity };
    this.faults.push(fault);
    await work();
    fault.to = Date.now();
  }

  /** kill -9. @param again starts it again meanwhile */
  async kill(member: Member, again = true): Promise<void> {
    const at = Date.now();
    this.faults.push({ name: 'kill', target: member.name, pid: member.process.pid, kind: 'kill', from: at, to: at });
    await member.process.end('SIGKILL');
    if (again) this.bringBack(member);
  }

  /** SIGTERM. @returns its exit code and how long it took in ms */
  async stop(member: Member): Promise<{ code: number | null; tookMs: number }> {
    const from = Date.now();
    const code = await member.process.end('SIGTERM');
    const fault = { name: 'stop', target: member.name, pid: member.process.pid, kind: 'stop' as const };
    this.faults.push({ ...fault, from, to: Date.now() });
    return { code, tookMs: Date.now() - from };
  }

  /** Starts a process again, as it was; faults go on meanwhile. */
  bringBack(member: Member): void {
    const back = this.system
      .up(member.name, member.environment)
      .catch((error: unknown) => this.findings.push(`${member.name} does not start again: ${String(error)}`))
      .finally(() => this.returning.delete(back));
    this.returning.add(back);
  }

  /** Resolves when all that was killed runs again. */
  async whole(): Promise<void> {
    while (this.returning.size > 0) await Promise.all(this.returning);
  }

  /** SIGSTOP, and SIGCONT `ms` later. */
  async freeze(member: Member, ms: number): Promise<void> {
    const fault: Fault = {
      name: 'freeze',
      target: member.name,
      pid: member.process.pid,
      kind: 'freeze',
      from: Date.now(),
      to: Infinity,
    };
    this.faults.push(fault);
    member.process.signal('SIGSTOP');
    try {
      await sleep(ms);
    } finally {
      member.process.signal('SIGCONT');
      fault.to = Date.now();
    }
  }

  /** One of the API's, workers or tickers that run; waits for one while there is none. */
  async some(prefix: string): Promise<Member> {
    await eventually(() => this.system.running(prefix).length, Boolean, { withinMs: patienceMs });
    return this.random.pick(this.system.running(prefix));
  }

  /** The worker that holds the most runs, once one holds any: a fault that hits nobody shows nothing. */
  async busyWorker(): Promise<Member> {
    const find = async (): Promise<Member | undefined> => {
      // Another fault may just be over: the next look will tell.
      const holders = await this.books.holders().catch(() => []);
      const workers = this.system.running('worker');
      return holders
        .map((worker) => workers.find(({ process }) => worker.includes(`:${process.pid}:`)))
        .find((member) => member !== undefined);
    };
    const found = await eventually(find, Boolean, { withinMs: patienceMs });
    return found!;
  }

  expect(holds: boolean, finding: string): void {
    if (!holds) this.findings.push(finding);
  }

  /** Waits for a condition that must come true; a finding when it does not. */
  async until(what: string, ask: () => Promise<boolean> | boolean, withinMs: number): Promise<void> {
    await eventually(ask, Boolean, { withinMs, everyMs: 100 }).catch(() =>
      this.findings.push(`${what}: not within ${withinMs} ms`),
    );
  }
}
