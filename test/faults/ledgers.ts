/** What the three ledgers and the database say of one scenario. All times are ms since 1970 on this machine's clock. */
export interface Evidence {
  submissions: Submission[];
  calls: Call[];
  faults: Fault[];
  jobs: JobRow[];
  runs: RunRow[];
  executions: ExecutionRow[];
}

/** What the client knows of one job that it asked for. Its name in the product is `key`. */
export interface Submission {
  key: string;
  kind: 'http' | 'email' | 'log' | 'recurring' | 'custom';
  /** When it was to start; null: at once. */
  scheduledAt: number | null;
  sentAt: number;
  /** `unknown`: no answer, or one that leaves open whether it was taken. */
  answer: 'accepted' | 'refused' | 'unknown';
  answeredAt: number | null;
  jobId: string | null;
  /** Times without a clear answer; the same key was sent again after each. */
  unknowns: number;
  /** Final states that its run may end in. */
  mayEnd: string[];
  /** Calls that the sink answers with a failure before it does the work. */
  failures: number;
}

/** One call that reached the outside world. */
export interface Call {
  key: string;
  runId: string;
  /** Null for mail, which carries none. */
  leaseToken: number | null;
  startedAt: number;
  endedAt: number | null;
  /** The sink did the work, whether or not its answer arrived. */
  effect: boolean;
}

export interface Fault {
  name: string;
  target: string;
  /** The process that was killed or frozen. */
  pid: number | null;
  kind: 'kill' | 'freeze' | 'stop' | 'other';
  from: number;
  to: number;
}

export interface JobRow {
  jobId: string;
  key: string;
  type: string;
  status: string;
  /** Step between two nominal times in ms; null for one-time jobs. */
  intervalMs: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface RunRow {
  runId: string;
  jobId: string;
  key: string;
  handler: string;
  nominalAt: number;
  state: string;
  reason: string | null;
  attempts: number;
  /** Nominal times that the row accounts for, up to `nominalUntil`. */
  count: number;
  nominalUntil: number | null;
}

export interface ExecutionRow {
  runId: string;
  attempt: number;
  status: string;
  dueAt: number;
  startedAt: number;
  completedAt: number;
  workerId: string;
  leaseToken: number;
}
