/** The kind of an error, in the terms of a caller. `src/http` maps each kind to one status. */
export type ErrorKind =
  | 'invalid' // 400: malformed or not allowed
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404, also for a thing of another owner
  | 'conflict' // 409: the thing's state does not permit it
  | 'precondition_failed' // 412: the thing has changed since the client read it
  | 'too_large' // 413
  | 'unsupported' // 415: a content type that the route does not accept
  | 'impossible' // 422: well-formed, but cannot be done
  | 'too_many' // 429
  | 'unavailable'; // 503

/** One fault in a request. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the request body, such as `/jobs/3/payload/url`; a query parameter is `/name`. */
  pointer: string;
  /** What is wrong and what is allowed. */
  detail: string;
}

/** An error that a caller caused or can act on. Everything else is a defect and is answered 500 without detail. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  /**
   * @param code stable and machine-readable, upper snake case, such as `JOB_NOT_FOUND`
   * @param message one sentence for a person: what happened and, where there is one, what to do next
   * @param extra further members of the answer's body; `retryAfterSeconds` and `headers` (name to value) become headers instead
   */
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly extra: {
      errors?: FieldProblem[];
      retryAfterSeconds?: number;
      headers?: Record<string, string>;
      [member: string]: unknown;
    } = {},
  ) {
    super(message);
  }
}

export const invalid = (errors: FieldProblem[], code = 'VALIDATION'): DomainError =>
  new DomainError(
    'invalid',
    code,
    errors.length === 1 && errors[0] ? errors[0].detail : `${errors.length} fields are not valid.`,
    { errors },
  );

export const notFound = (what: string): DomainError =>
  new DomainError('not_found', `${what.toUpperCase()}_NOT_FOUND`, `There is no such ${what}.`);

export const conflict = (code: string, message: string, extra: Record<string, unknown> = {}): DomainError =>
  new DomainError('conflict', code, message, extra);
