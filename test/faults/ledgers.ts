/** What the three ledgers and the database say of one scenario. All times are ms since 1970 on this machine's clock. */
export interface Evidence {
  submissions: Submission[];
  calls: Call[];
  faults: Fault[];
  jobs: JobRow[];
  runs: RunRow[];
  executions: ExecutionRow[];
  /** Waits between attempts, of jobs that name none. */
  policy: BackoffPolicy;
  /** What was held open before the faults, and once everything had ended; null where nobody looked. */
  open: { before: OpenHandles; after: OpenHandles } | null;
}

/** In ms: the wait after the first attempt, which doubles after each further one, and the longest. */
export interface BackoffPolicy {
  baseDelayMs: number;
  maxDelayMs: number;
}

/** Connections as the servers count them, and file descriptors of each process by its name. */
export interface OpenHandles {
  postgres: number;
  redis: number;
  descriptors: Record<string, number>;
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
  /** When its cancellation was answered. */
  endedAt: number | null;
  /** Times without a clear answer; the same key was sent again after each. */
  unknowns: number;
  /** It was sent once, without a key: where its answer is unknown it may be there once, or not at all. */
  keyless: boolean;
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
  /** The sink answered that it did nothing: the caller knows, and may come again. */
  refused: boolean;
  /** For how long the sink asked to be left alone, in ms. */
  askedMs: number;
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
  /** Nominal times after which it is completed; null: it has no such end. */
  maxRuns: number | null;
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
  /** The job's own wait after a first attempt, in ms. */
  retryDelayMs: number | null;
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
