import type { FastifyRequest } from 'fastify';
import { idempotencyKeyOf } from '../../http/decorators/idempotency-key.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import type { Sender } from '../services/job-submissions.js';

/** A request of a route that is not `@Public()`. */
export type AskedBySomebody = FastifyRequest & { user: Principal };

/** Read from the request at once: each parameter that a decorator makes goes through all pipes, with promises of its own. */
export const senderOf = (request: AskedBySomebody): Sender => ({
  userId: request.user.userId,
  idempotencyKey: idempotencyKeyOf(request),
});
