/** One fault in what was sent. */
export class FieldProblemDto {
  /**
   * JSON pointer (RFC 6901) into the request body; a query parameter is `/name`.
   * @example "/jobs/3/name"
   */
  pointer!: string;

  /**
   * What is wrong and what is allowed.
   * @example "name is required."
   */
  detail!: string;
}

/** An error, as RFC 9457 writes it. */
export class ProblemDetailsDto {
  /**
   * Name of the kind of problem: `urn:punctual:problem:` and the code in kebab case.
   * @example "urn:punctual:problem:validation"
   */
  type!: string;

  /**
   * Short summary, the same for every problem of this type.
   * @example "Validation"
   */
  title!: string;

  /**
   * HTTP status.
   * @example 400
   */
  status!: number;

  /**
   * What happened here and, where there is one, what to do next. Absent on defects of the server.
   * @example "name is required."
   */
  detail?: string;

  /**
   * Path that was asked for.
   * @example "/jobs"
   */
  instance!: string;

  /**
   * Stable and machine-readable.
   * @example "VALIDATION"
   */
  code!: string;

  /**
   * The request's id, also in the `x-request-id` header and in the server's log.
   * @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11"
   */
  requestId!: string;

  /** Each fault of an invalid request. */
  errors?: FieldProblemDto[];
}
