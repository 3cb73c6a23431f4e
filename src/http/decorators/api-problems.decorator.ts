import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemDetailsDto } from '../dto/problem-details.dto.js';
import { problemMediaType } from '../problems/problem-details.js';

const descriptions = {
  400: 'The request is malformed or holds fields that are not valid; `errors` names each.',
  401: 'The access token is missing, not valid or expired.',
  403: 'Not allowed; the detail names what is missing.',
  404: 'There is no such thing, or it belongs to somebody else.',
  409: 'Not possible in the present state, which the answer names.',
  412: 'It has changed since it was read.',
  413: 'The body is too large.',
  415: 'The body is not application/json in UTF-8.',
  422: 'Well-formed, but it cannot be done.',
  429: 'Too many requests; `Retry-After` says when to try again.',
  503: 'A part that this needs is not available; `Retry-After` says when to try again.',
} as const;

export type ProblemStatus = keyof typeof descriptions;

/** The OpenAPI response that describes a problem with this status. */
export const problemResponse = (status: ProblemStatus) => ({
  description: descriptions[status],
  content: { [problemMediaType]: { schema: { $ref: getSchemaPath(ProblemDetailsDto) } } },
});

/** Documents the errors of an operation. 401 is added by itself to each that needs a token. */
export const ApiProblems = (...statuses: ProblemStatus[]) =>
  applyDecorators(
    ApiExtraModels(ProblemDetailsDto),
    ...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
