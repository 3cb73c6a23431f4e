import type { IJobPlans, IJobRepository } from '../../src/jobs/interfaces/job-repository.js';
import type { Job } from '../../src/jobs/domain/job.js';
import type { ITransactionRunner } from '../../src/kernel/transaction.js';
import type { NewRun, Run } from '../../src/runs/domain/run.js';
import type { IJobLogReader, IJobLogger } from '../../src/runs/interfaces/job-logger.js';
import type { IRunGates } from '../../src/runs/execution/interfaces/run-gates.js';
import type { IRunHistory } from '../../src/runs/history/interfaces/run-history.js';
import type { IRunLeases } from '../../src/runs/execution/interfaces/run-leases.js';
import type { IRunRepository } from '../../src/runs/interfaces/run-repository.js';
import type { IOwedDoorbells } from '../../src/runs/dispatch/interfaces/owed-doorbells.js';
import { aJob } from '../support/factories.js';

/** What a contract of the engine stands on: adapters of one empty store, and the clock by which that store decides. */
export interface Ground {
  transactions: ITransactionRunner;
  jobs: IJobRepository;
  plans: IJobPlans;
  runs: IRunRepository;
  leases: IRunLeases;
  rings: IOwedDoorbells;
  gates: IRunGates;
  history: IRunHistory;
  logger: IJobLogger;
  logs: IJobLogReader;
  /** The store's clock, which stands still between the turns that a test gives it. */
  now(): Date;
  advance(ms: number): Promise<void>;
  /** Somebody who may own jobs. @returns the id */
  anOwner(): Promise<string>;
  horizonMs: number;
  ringAgainAfterMs: number;
}

/** Answers a ground on an empty store; what an earlier test left is gone. */
export type OpenGround = () => Promise<Ground>;

export const firstPage = { page: 1, limit: 100 };

/** Adds jobs, as a submission does. */
export async function insertJobs<T extends Job[]>(ground: Ground, ...jobs: T): Promise<T> {
  await ground.transactions.run((tx) => ground.jobs.insert(tx, jobs));
  return jobs;
}

export const insertRuns = (ground: Ground, ...runs: NewRun[]) =>
  ground.transactions.run((tx) => ground.runs.insert(tx, runs));

/** A one-time job of a new owner, due now. */
export async function aStoredJob(ground: Ground, given: Partial<Job> = {}): Promise<Job> {
  const [job] = await insertJobs(ground, aJob(await ground.anOwner(), ground.now(), given));
  return job;
}

export async function runOf(ground: Ground, id: string): Promise<Run> {
  const run = await ground.runs.find(id);
  if (!run) throw new Error(`There is no run ${id}.`);
  return run;
}

export const ms = (at: Date, plusMs: number): Date => new Date(at.getTime() + plusMs);
