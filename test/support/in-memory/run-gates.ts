import type { Transaction } from '../../../src/kernel/transaction.js';
import type { ClaimedRun } from '../../../src/runs/domain/claimed-run.js';
import type { GateRun, StartDecision } from '../../../src/runs/execution/domain/start-decision.js';
import type { GatedJob, IRunGates } from '../../../src/runs/execution/interfaces/run-gates.js';
import type { Claimant } from '../../../src/runs/domain/claimed-run.js';
import { claimOne } from './claim.js';
import { InMemoryDatabase, change, rowsOf, runsOf, waits } from './database.js';
import type { RunRow, Tables } from './database.js';

export class InMemoryRunGates implements IRunGates {
  constructor(private readonly database: InMemoryDatabase) {}

  async lock(tx: Transaction, jobIds: string[]): Promise<GatedJob[]> {
    const tables = InMemoryDatabase.of(tx);
    return jobIds.flatMap((id) => {
      const job = tables.jobs.get(id);
      if (!job) return [];
      const runs = runsOf(tables, id)
        .filter((run) => run.gated && this.isLive(run, job.status === 'pending'))
        .sort(byNominalTime);
      const { overlapPolicy, catchup, schedule, nextRunAt, plannedCount, activeUntil } = structuredClone(job);
      const plan = { nextRunAt, plannedCount, activeUntil, now: this.database.clock.now() };
      return [{ jobId: id, overlapPolicy, catchup, schedule, ...plan, runs: runs.map(gateRun), unseen: 0 }];
    });
  }

  async decide(tx: Transaction, decisions: StartDecision[]): Promise<void> {
    const { runs } = InMemoryDatabase.of(tx);
    for (const decision of decisions) {
      const run = runs.get(decision.runId);
      if (run) this.decideOne(runs, run, decision);
    }
  }

  async claim(tx: Transaction, runIds: string[], claimant: Claimant): Promise<ClaimedRun[]> {
    const tables = InMemoryDatabase.of(tx);
    const now = this.database.clock.now();
    return rowsOf(tables, runIds)
      .filter((run) => waits(run) && run.dueAt <= now)
      .map((run) => {
        change(tables.runs, run.id, { heldBy: null });
        return claimOne(tables, run, now, claimant);
      });
  }

  nextInLine(jobIds: string[]): Promise<{ runId: string; jobId: string }[]> {
    const now = this.database.clock.now();
    return this.database.read((tables) =>
      jobIds.flatMap((id) => {
        const [first] = runsOf(tables, id)
          .filter((run) => waits(run) && run.dueAt <= now)
          .sort(byNominalTime);
        return first ? [{ runId: first.id, jobId: id }] : [];
      }),
    );
  }

  private isLive({ state, dueAt, trigger }: RunRow, open: boolean): boolean {
    if (state === 'scheduled') return dueAt <= this.database.clock.now() && (open || trigger === 'manual');
    return state === 'running' || state === 'retrying';
  }

  private decideOne(runs: Tables['runs'], run: RunRow, decision: StartDecision): void {
    const now = this.database.clock.now();
    if (decision.kind === 'end' && run.state === 'scheduled') {
      const { state, reason, detail, heldBy } = decision;
      change(runs, run.id, { state, reason, reasonDetail: detail, heldBy, endedAt: now });
    }
    if ((decision.kind === 'wait' || decision.kind === 'start') && waits(run))
      change(runs, run.id, {
        heldBy: decision.kind === 'wait' ? decision.heldBy : run.heldBy,
        keepsPlace: run.keepsPlace || decision.keepsPlace,
      });
    if (decision.kind !== 'cancel' || run.cancelRequestedAt !== null) return;
    const asked = { cancelRequestedAt: now, reason: 'cancelled_by_overlap' } as const;
    if (run.state === 'running') change(runs, run.id, asked);
    if (run.state === 'retrying') change(runs, run.id, { ...asked, state: 'cancelled', endedAt: now });
  }
}

const byNominalTime = (a: RunRow, b: RunRow): number => a.nominalAt.getTime() - b.nominalAt.getTime();

const gateRun = ({
  id,
  state,
  trigger,
  nominalAt,
  dueAt,
  createdAt,
  startedAt,
  heldBy,
  keepsPlace,
  leaseToken,
}: RunRow): GateRun => ({
  runId: id,
  state: state as GateRun['state'],
  trigger,
  nominalAt,
  dueAt,
  plannedLate: createdAt > dueAt,
  startedAt,
  heldBy,
  keepsPlace: keepsPlace || (state === 'scheduled' && leaseToken !== '0'),
});
