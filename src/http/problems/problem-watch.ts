import type { FastifyRequest } from 'fastify';
import type { ProblemDetails } from './problem-details.js';

/** Is told of each problem that a route's request is answered with. Must neither throw nor wait. */
export interface IProblemWatch {
  answered(request: FastifyRequest, problem: ProblemDetails): void;
}
export const IProblemWatch = Symbol('IProblemWatch');
