import { availableParallelism } from 'node:os';
import { readAudit } from './audit-settings.js';
import { readDatabaseAddress, readStatementLimits } from './database-settings.js';
import { EnvironmentReader, ConfigError } from './environment-reader.js';
import { readHttpLimits } from './http-limits.js';
import { refuseIgnored } from './ignored-settings.js';
import { readQuotas } from './quota-settings.js';
import { readRedis } from './redis-settings.js';
import { readRetention } from './retention-settings.js';
import { readSecrets } from './secret-settings.js';
import type { Environment } from './environment-reader.js';

export const roles = ['api', 'worker', 'ticker'] as const;
export type Role = (typeof roles)[number];

const placeholderSecret =
  /change.?(me|this|in)|replace.?(me|this|with)|your.?(super|secret|jwt|own)|placeholder|example/i;
const minDistinctCharacters = 10;
const minSecretBytes = 32;

/** Reads, checks and freezes the whole configuration. Throws {@link ConfigError} that lists everything that is wrong. */
export function readConfig(environment: Environment) {
  const read = new EnvironmentReader(environment);
  const nodeEnv = read.oneOf('NODE_ENV', 'development', ['development', 'test', 'production']);
  const production = nodeEnv === 'production';
  const config = {
    nodeEnv,
    production,
    /** What this process does: `api` answers HTTP, `worker` executes runs, `ticker` plans, rings and recovers. */
    roles: read.someOf('ROLES', roles, roles),
    /** TCP port of the HTTP server; every role serves health there. 0 picks a free one. */
    port: read.integer('PORT', 3000, { min: 0, max: 65_535 }),
    /** Address the HTTP server listens on. */
    host: read.text('HOST', '0.0.0.0'),
    /**
     * Pause in ms between the first 503 of `/health/ready` and the closing of connections when the process is told to stop: what
     * a load balancer needs to notice it.
     */
    shutdownDelayMs: read.integer('SHUTDOWN_DELAY_MS', 0, { min: 0, max: 600_000 }),
    log: {
      /** `json` writes one object a line, `text` is for people. Default: json in production. */
      format: read.oneOf('LOG_FORMAT', production ? 'json' : 'text', ['json', 'text']),
      level: read.oneOf('LOG_LEVEL', 'info', ['error', 'warn', 'info', 'debug']),
    },
    database: {
      ...readDatabaseAddress(read),
      /** Connections a process may hold for requests and duties. */
      poolSize: read.integer('DB_POOL_SIZE', 10, { min: 2, max: 500 }),
      ...readStatementLimits(read),
    },
    redis: readRedis(read),
    auth: {
      jwtSecret: readSecret(read, production),
      /** The secret before: its tokens still work while they live. */
      jwtSecretPrevious: readPreviousSecret(read),
      /** Life of an access token in seconds. */
      jwtExpirationSeconds: read.seconds('JWT_EXPIRATION', 900),
      /** A login that has not been refreshed for this many seconds ends. */
      sessionSeconds: read.seconds('SESSION_EXPIRATION', 2_592_000),
      /** bcrypt work factor: each step doubles the time of one hash. */
      bcryptCost: read.integer('BCRYPT_COST', 12, { min: 4, max: 15 }),
      /** API keys that one user may have, expired ones included. */
      apiKeysPerUser: read.integer('API_KEYS_PER_USER', 200, { min: 1, max: 10_000 }),
      /** Who may register: everybody, whom an admin has invited, or nobody. */
      registration: read.oneOf('REGISTRATION', 'open', ['open', 'invite', 'closed']),
      /** Whether the jobs and runs of a deleted account stay, cancelled and without a name. */
      keepHistory: read.boolean('KEEP_DELETED_ACCOUNTS_HISTORY', true),
    },
    retry: {
      /** `maxRetries` of a job that names none: attempts after the first. */
      maxRetries: read.integer('MAX_RETRY_ATTEMPTS', 3, { min: 0, max: 100 }),
      /** Delay before the first retry in ms; doubles with each further one. */
      baseDelayMs: read.integer('RETRY_DELAY_MS', 1_000, { min: 1, max: 86_400_000 }),
      /** Longest delay between two attempts in ms. */
      maxDelayMs: read.integer('RETRY_MAX_DELAY_MS', 3_600_000, { min: 1, max: 604_800_000 }),
    },
    engine: {
      /** How far ahead of `dueAt`, in ms, runs are created (at the latest half as far) and doorbells are put into Redis. */
      horizonMs: read.integer('HORIZON_MS', 60_000, { min: 1_000, max: 3_600_000 }),
      /** Pause between two ticks in ms. */
      tickIntervalMs: read.integer('TICK_INTERVAL_MS', 500, { min: 50, max: 60_000 }),
      /** Rows a tick or a recovery takes in one transaction. */
      batchSize: read.integer('TICK_BATCH_SIZE', 500, { min: 1, max: 10_000 }),
      /** Life of a worker's right to a run in ms; renewed at a third of it. */
      leaseMs: read.integer('LEASE_MS', 10_000, { min: 1_000, max: 3_600_000 }),
      /** Pause between two recoveries in ms. A dead worker's run is taken over within the lease plus this. */
      recoveryIntervalMs: read.integer('RECOVERY_INTERVAL_MS', 1_000, { min: 100, max: 60_000 }),
      /** A due run that nobody has claimed for this many ms is rung again. */
      ringAgainAfterMs: read.integer('RING_AGAIN_AFTER_MS', 5_000, { min: 500, max: 600_000 }),
      /** A scheduled time that has not started this many ms after it was due, or one interval, is subject to its catch-up policy. */
      catchupAfterMs: read.integer('CATCHUP_AFTER_MS', 10_000, { min: 100, max: 3_600_000 }),
      /** Handlers that one process runs of one owner at the same time; a third more are kept for other owners. */
      concurrency: read.integer('WORKER_CONCURRENCY', 200, { min: 1, max: 10_000 }),
      /** A run may be claimed this many ms before it is due and held until then: so long a burst may take to be claimed. */
      claimAheadMs: read.integer('CLAIM_AHEAD_MS', 250, { min: 0, max: 1_000 }),
      /** Settlements leave in groups, so many ms after one another at least while they are few; a single one leaves at once. */
      settleRestMs: read.integer('SETTLE_REST_MS', 10, { min: 0, max: 1_000 }),
      /** Redis silent for this many ms: workers claim due runs straight from PostgreSQL. */
      redisSilenceMs: read.integer('REDIS_SILENCE_MS', 2_000, { min: 100, max: 60_000 }),
      /** Time in ms that running handlers get to finish when the process is told to stop. */
      stopGraceMs: read.integer('STOP_GRACE_MS', 5_000, { min: 0, max: 3_600_000 }),
      /** `timeoutMs` of a job that names none, in ms. */
      timeoutMs: read.integer('JOB_TIMEOUT_MS', 300_000, { min: 100, max: 86_400_000 }),
      /** Longest `timeoutMs` a job may ask for, in ms. */
      maxTimeoutMs: read.integer('JOB_MAX_TIMEOUT_MS', 3_600_000, { min: 100, max: 86_400_000 }),
      /** Bytes of a result or an error that are kept; the rest is cut. */
      resultLimitBytes: read.integer('RESULT_LIMIT_BYTES', 65_536, { min: 256, max: 10_485_760 }),
      /** Shortest time between two nominal times of a recurring job, in ms. */
      minIntervalMs: read.integer('MIN_INTERVAL_MS', 1_000, { min: 1, max: 86_400_000 }),
    },
    ledger: {
      /** Once in this many ms the ledgers of all recurring jobs, and the books of all runs, are audited. */
      auditIntervalMs: read.integer('AUDIT_INTERVAL_MS', 86_400_000, { min: 1_000, max: 2_592_000_000 }),
      /** A job whose next time passed this many ms ago without being planned is overdue: an error in the log. */
      overdueAfterMs: read.integer('OVERDUE_AFTER_MS', 300_000, { min: 1_000, max: 86_400_000 }),
    },
    retention: readRetention(read),
    audit: readAudit(read),
    calendars: {
      /** Calendars that one user may have. */
      perUser: read.integer('CALENDARS_PER_USER', 100, { min: 1, max: 10_000 }),
    },
    backfill: {
      /** Runs of one backfill that wait or run at the same time. */
      inFlight: read.integer('BACKFILL_IN_FLIGHT', 10, { min: 1, max: 100 }),
    },
    http: {
      /** Whoever reads /metrics must send this as a bearer token; without it, anybody who reaches the port may, but in production nobody. */
      metricsToken: read.optionalText('METRICS_TOKEN'),
      /** Largest request body in bytes. */
      bodyLimitBytes: read.integer('HTTP_BODY_LIMIT_BYTES', 1_048_576, { min: 1_024, max: 104_857_600 }),
      /** Objects and arrays inside each other that a request body may have. */
      maxDepth: read.integer('HTTP_BODY_MAX_DEPTH', 32, { min: 4, max: 128 }),
      /** Keys in any one field of a request body; of a list, in each of its elements. */
      maxKeys: read.integer('HTTP_BODY_MAX_KEYS', 10_000, { min: 100, max: 1_000_000 }),
      ...readHttpLimits(read),
      /** Address under which people reach this API, such as https://jobs.example.com, for links in mails. */
      publicUrl: read.optionalText('PUBLIC_URL'),
      /** Addresses or networks (CIDR) of proxies whose `X-Forwarded-For` is believed; none by default. */
      trustedProxies: read.networks('TRUSTED_PROXIES'),
      /** Browser origins that may call the API, comma separated; none by default. */
      corsOrigins: read.text('CORS_ORIGINS', '').split(',').filter(Boolean),
    },
    limits: {
      /** Wrong logins to one account in 15 minutes, and apart from them wrong passwords of one who is logged in; then the right one is refused too. 0 is no limit, here and below. */
      loginsPerAccount: read.integer('LIMIT_LOGINS_PER_ACCOUNT', 10, { min: 0, max: 1_000_000 }),
      /** Wrong logins from one address in 15 minutes. */
      loginsPerAddress: read.integer('LIMIT_LOGINS_PER_ADDRESS', 100, { min: 0, max: 1_000_000 }),
      /** Registrations from one address in an hour. */
      registrationsPerAddress: read.integer('LIMIT_REGISTRATIONS_PER_ADDRESS', 300, { min: 0, max: 1_000_000 }),
      /** Requests of one user in a minute that change something; a bulk submission counts as one. */
      writesPerUser: read.integer('LIMIT_WRITES_PER_USER', 30_000, { min: 0, max: 100_000_000 }),
    },
    quotas: readQuotas(read),
    secrets: readSecrets(read, production),
    handlers: {
      /** Lets `http` jobs call loopback addresses of the worker's machine: for local use only. */
      allowLoopback: read.boolean('HTTP_JOBS_ALLOW_LOOPBACK', false),
      /** Addresses or networks (CIDR), comma separated, that `http` jobs may call although they are not public. */
      allowAddresses: read.networks('HTTP_JOBS_ALLOW_ADDRESSES'),
      /** Addresses or networks (CIDR), comma separated, that `http` jobs may never call. */
      denyAddresses: read.networks('HTTP_JOBS_DENY_ADDRESSES'),
      /** Bytes of an answer's body that an `http` job keeps. */
      httpBodyLimitBytes: read.integer('HTTP_JOBS_BODY_LIMIT_BYTES', 32_768, { min: 0, max: 10_485_760 }),
      /** Attempts of handlers with `runIn: 'thread'` that are at work at the same time, each in its thread; as many as cores. */
      threads: read.integer('HANDLER_THREADS', availableParallelism(), { min: 1, max: 1_024 }),
      /** Heap of such an attempt in MB, unless its handler names a limit of its own. */
      threadMemoryMb: read.integer('HANDLER_THREAD_MEMORY_MB', 256, { min: 32, max: 65_536 }),
    },
    smtp: {
      /** Server that takes outgoing mail. Without it `email` jobs are refused and no failure is mailed. */
      host: read.optionalText('SMTP_HOST'),
      port: read.integer('SMTP_PORT', 587, { min: 1, max: 65_535 }),
      username: read.optionalText('SMTP_USERNAME'),
      password: read.optionalText('SMTP_PASSWORD'),
      /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
      secure: read.boolean('SMTP_SECURE', false),
      /** Sends nothing to a server that offers no STARTTLS. */
      requireTls: read.boolean('SMTP_REQUIRE_TLS', false),
      from: read.text('SMTP_FROM', 'Punctual <punctual@localhost>'),
    },
    notifications: {
      /** Whether owners are mailed when a run has failed for good; a job's `notifyOnFailure` overrides it. */
      onFailure: read.boolean('NOTIFY_ON_FAILURE', true),
      /** Pause between two looks for owners to be mailed, in ms. */
      intervalMs: read.integer('NOTIFY_INTERVAL_MS', 2_000, { min: 50, max: 600_000 }),
    },
  };
  refuseIgnored(read, environment);
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return deepFreeze(config);
}

export type Config = ReturnType<typeof readConfig>;
export const Config = Symbol('Config');

function readSecret(read: EnvironmentReader, production: boolean): string {
  const secret = read.optionalText('JWT_SECRET');
  const advice = 'Make one with: node -p "crypto.randomBytes(48).toString(\'base64url\')"';
  if (secret === undefined) {
    read.refuse(`JWT_SECRET is not set. ${advice}`);
    return '';
  }
  if (Buffer.byteLength(secret) < minSecretBytes)
    read.refuse(`JWT_SECRET is shorter than ${minSecretBytes} bytes. ${advice}`);
  else if (production && (placeholderSecret.test(secret) || new Set(secret).size < minDistinctCharacters))
    read.refuse(`JWT_SECRET looks like a placeholder. ${advice}`);
  return secret;
}

function readPreviousSecret(read: EnvironmentReader): string | undefined {
  const secret = read.optionalText('JWT_SECRET_PREVIOUS');
  if (secret !== undefined && Buffer.byteLength(secret) < minSecretBytes)
    read.refuse(`JWT_SECRET_PREVIOUS is shorter than ${minSecretBytes} bytes.`);
  return secret;
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}
