/**
 * What is compared: a job runner, set up one way. `bench/subjects/<name>.mjs` exports `subject`; a process of its own is started
 * for each single measurement of it, with a database and a Redis database that hold nothing yet.
 *
 * All times are milliseconds. A job's handler does nothing but note that it has started and ended.
 */
export interface Subject {
  /** The file's name without its ending. */
  readonly name: string;
  /** As the report's rows call it, with its version and mode: `pg-boss 12, batches of 100 × 4`. */
  readonly title: string;
  /** True for this product: it is built before, and stands out in the chart. */
  readonly ours?: boolean;
  /** True for what shows how far one could get on this machine, and nobody could use. */
  readonly limit?: boolean;
  /** Whether one can still look up each run afterwards: when it started, how it ended. */
  readonly keepsHistory: 'yes' | 'partly' | 'no';
  /** Where waiting jobs lie. */
  readonly stores: 'PostgreSQL' | 'Redis' | 'PostgreSQL and Redis';
  /** The settings that differ from the defaults, in a line, for whoever wants to check that it was set up fairly. */
  readonly settings: string;
  /** What it takes part in. */
  readonly measures: readonly Measurement[];
  /** False leaves it out of `--quick`. */
  readonly quick?: boolean;
  /**
   * The part of the usual number of jobs that it gets, for a subject so slow that a round would take minutes. 1 by default.
   */
  readonly scale?: Partial<Record<Measurement, number>>;
  /** How the bench makes ready for it and speaks to it. Called once in each process. */
  prepare(services: Services, options: Options): Promise<Prepared>;
}

/**
 * `drain`: so many jobs wait, then the workers start. `steady-200`, `steady-1000`: so many submissions a second, each due at
 * once; `steady-1000-warm` after seconds of the same. `burst`: jobs submitted ahead, all due at one instant. `spread`: jobs submitted ahead, due evenly over some seconds.
 * `submit-…`: the ways of handing in jobs that nobody works off meanwhile; see {@link Prepared.submit}.
 */
export type Measurement =
  'drain' | 'steady-200' | 'steady-1000' | 'steady-1000-warm' | 'burst' | 'spread' | `submit-${SubmitWay}`;

/**
 * `single`: a call of the library, or of the service that the HTTP route calls, for one job; 32 calls in flight.
 * `bulk-1000`: such calls for 1,000 jobs each; 4 in flight.
 * `http`: a request for one job over 32 connections that stay open, with a JWT checked by the server.
 * `http-bulk-100`, `http-bulk-1000`: such requests for many jobs; 4 connections.
 */
export type SubmitWay = 'single' | 'bulk-1000' | 'http' | 'http-bulk-100' | 'http-bulk-1000';

/** A subject with its tables, its connections and whatever processes it needs. */
export interface Prepared {
  /**
   * Puts `count` jobs there, due at once, with no worker running; brings the planner's statistics up to date (`ANALYZE`);
   * then, inside `meter.measure`, starts the workers and waits until the last job has ended and is recorded as ended.
   *
   * @returns what `meter.measure` gave: the window
   */
  drain?(count: number, meter: Meter): Promise<number>;
  /**
   * With idle workers running and warmed up by some jobs: submits `perSecond` jobs a second for `seconds`, one call each, paced
   * evenly, none waiting for another, inside `meter.measure`.
   *
   * @param warmUpSeconds of the same, before
   * @returns for each job the time from when it was due (just before it was submitted) until its handler started
   */
  steady?(perSecond: number, seconds: number, meter: Meter, warmUpSeconds: number): Promise<number[]>;
  /**
   * With idle workers running and warmed up: submits one job for each of `dueIn` (ms from the instant in which all have been
   * submitted, plus a second or more that the subject may need to become idle again), then, inside `meter.measure`, waits for
   * them. Serves `burst` (all alike) and `spread`.
   *
   * @returns for each job the time from when it was due until its handler started; may be negative by a clock's error
   */
  scheduled?(dueIn: readonly number[], meter: Meter): Promise<number[]>;
  /**
   * Submits `count` jobs due in an hour, with no worker in the way, inside `meter.measure`. Clients and connections are made before.
   *
   * @returns the window
   */
  submit?(way: SubmitWay, count: number, meter: Meter): Promise<number>;
  /** Stops all that it started. */
  close(): Promise<void>;
}

export interface Meter {
  /**
   * Opens the window in which CPU time and WAL count, does the work, closes it.
   *
   * @returns how long the work took, ms
   */
  measure(work: () => Promise<unknown>): Promise<number>;
}

/** Servers on 127.0.0.1. The PostgreSQL user may do everything. */
export interface Services {
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    /** Empty, made for this measurement. */
    readonly database: string;
    /** All of the above. */
    readonly url: string;
  };
  /** Empty, no password. */
  readonly redis: { readonly host: string; readonly port: number; readonly url: string };
}

export interface Options {
  readonly measurement: Measurement;
  readonly quick: boolean;
}

/**
 * A measurement of this product alone, `bench/product/<name>.mjs`, which exports `scenario`. It runs in a process of its own, once
 * in each run of the bench, and its table stands in the report as it is.
 */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Roughly how long it takes at full size, seconds; `--help` adds them up. */
  readonly seconds: number;
  run(services: Services, options: ScenarioOptions): Promise<Table[]>;
}

export interface ScenarioOptions {
  readonly quick: boolean;
  /** As much as a scenario can take, however long it takes to fill the tables. */
  readonly whole: boolean;
  readonly meter: Meter;
  /** A line of progress. */
  say(line: string): void;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** A number is printed with thousands separated and as many digits as it needs; the first column is the row's name. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** A sentence or two below it. */
  readonly note?: string;
}
