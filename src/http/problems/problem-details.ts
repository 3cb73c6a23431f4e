import { DomainError } from '../../kernel/errors.js';
import type { ErrorKind, FieldProblem } from '../../kernel/errors.js';

/** An error answer as RFC 9457 writes it, media type `application/problem+json`. */
export interface ProblemDetails {
  /** `urn:punctual:problem:` and the code in kebab case: stable, a name rather than an address. */
  type: string;
  /** Short summary, the same for every problem of this type. */
  title: string;
  status: number;
  detail?: string;
  /** Path that was asked for, without its query. */
  instance: string;
  /** Stable and machine-readable, upper snake case. */
  code: string;
  requestId: string;
  errors?: FieldProblem[];
  /** Members that a type adds, such as the `state` of a job that may not be cancelled. */
  [member: string]: unknown;
}

export const problemMediaType = 'application/problem+json';

/** The one place where kinds of error become statuses. */
const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported: 415,
  impossible: 422,
  too_many: 429,
  unavailable: 503,
};

const ofStatus: Readonly<Record<number, { code: string; detail?: string }>> = {
  400: { code: 'BAD_REQUEST', detail: 'The request cannot be understood.' },
  401: { code: 'UNAUTHENTICATED', detail: 'Send a valid access token as "Authorization: Bearer <access_token>".' },
  403: { code: 'FORBIDDEN', detail: 'This is not allowed.' },
  404: { code: 'ROUTE_NOT_FOUND', detail: 'There is nothing at this address; /api lists what there is.' },
  405: { code: 'METHOD_NOT_ALLOWED', detail: 'This address does not take this method; see the Allow header.' },
  408: { code: 'REQUEST_TIMEOUT', detail: 'The request took too long to arrive.' },
  413: { code: 'PAYLOAD_TOO_LARGE', detail: 'The request body is larger than this server accepts.' },
  414: { code: 'URI_TOO_LONG', detail: 'The address, or a part of it, is too long.' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', detail: 'Send the body as application/json in UTF-8.' },
  417: { code: 'EXPECTATION_FAILED', detail: 'The only expectation that this server meets is 100-continue.' },
  431: { code: 'HEADERS_TOO_LARGE', detail: 'The request headers are larger than this server accepts.' },
  500: { code: 'INTERNAL_ERROR' },
  503: { code: 'UNAVAILABLE', detail: 'A part that this needs is not available; try again shortly.' },
};

const codeOf = (status: number): string => ofStatus[status]?.code ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR');

/** The problem details of a domain error, or of a bare status. */
export function problemOf(error: DomainError | number, instance: string, requestId: string): ProblemDetails {
  if (error instanceof DomainError) {
    const { errors, retryAfterSeconds: _, headers: __, ...members } = error.extra;
    const status = statusOfKind[error.kind];
    const base = describe(error.code, status);
    return {
      ...members,
      ...base,
      detail: error.message,
      instance,
      code: error.code,
      requestId,
      ...(errors && { errors }),
    };
  }
  const code = codeOf(error);
  const detail = ofStatus[error]?.detail;
  return { ...describe(code, error), ...(detail && { detail }), instance, code, requestId };
}

function describe(code: string, status: number) {
  const words = code.toLowerCase().split('_');
  const title = words.join(' ');
  return {
    type: `urn:punctual:problem:${words.join('-')}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    status,
  };
}
