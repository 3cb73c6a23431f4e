import { DomainError, conflict } from '../../kernel/errors.js';

const retryAfterSeconds = 2;

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'POOL_TIMEOUT',
  // A pooler in front of PostgreSQL that gives each transaction another session.
  'SHARED_SESSIONS',
]);

/**
 * SQLSTATE classes and codes of a server that is away, starting, stopping or overloaded: 08 connection, 53 resources,
 * 57 operator intervention and statement timeout, 55P03 lock timeout, 40 serialization failure and deadlock.
 */
const outageState = /^(08...|53...|57...|55P03|40...)$/;

/** SQLSTATE read_only_sql_transaction: the server is a standby, or takes no writes for another reason. */
const readOnlyState = '25006';

/** SQLSTATE foreign_key_violation: what a row refers to was deleted while the request was under way. */
const referenceState = '23503';

/** SQLSTATE class 22: a value that PostgreSQL cannot store. */
const dataState = /^22...$/;

/**
 * What an error of a driver means to a caller, told by its code alone: messages change with versions and languages.
 * Undefined where it means nothing to a caller, so that it is answered as a defect.
 */
export function domainErrorOf(failure: unknown): DomainError | undefined {
  const code = codeOf(failure);
  if (code === undefined) return isUnanswered(failure) ? outage() : undefined;
  if (code === readOnlyState)
    return outage('The database takes no writes at the moment; nothing was stored. Try again shortly.');
  if (networkCodes.has(code) || outageState.test(code)) return outage();
  if (code === referenceState)
    return conflict('REFERENCE_GONE', 'What this belongs to or refers to has just been deleted or disabled.');
  if (dataState.test(code))
    return new DomainError('invalid', 'INVALID_VALUE', 'The request holds a value that cannot be stored.');
  return undefined;
}

const outage = (detail = 'A part that this needs is not available; try again shortly.'): DomainError =>
  new DomainError('unavailable', 'UNAVAILABLE', detail, { retryAfterSeconds });

interface DriverFailure {
  code?: unknown;
  /** What TypeORM wraps. */
  driverError?: unknown;
  cause?: unknown;
}

function codeOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  const { code, driverError, cause } = failure as DriverFailure;
  if (typeof code === 'string') return code;
  return codeOf(driverError) ?? codeOf(cause);
}

/**
 * Whether a statement failed without PostgreSQL having said so: all that it says has a SQLSTATE, so the connection broke.
 * A statement that could not even be written down fails with a TypeError or the like, which is a defect.
 */
function isUnanswered(failure: unknown): boolean {
  const driverError = (failure as DriverFailure | null | undefined)?.driverError;
  return (driverError as Error | undefined)?.name === 'Error';
}
