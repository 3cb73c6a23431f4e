import type { FastifyRequest } from 'fastify';
import { idempotencyKeyOf } from '../../http/decorators/idempotency-key.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import type { Sender } from '../services/job-submissions.js';

/** A request of a route that is not `@Public()`. */
export type AskedBySomebody = FastifyRequest & { user: Principal };

/** Reads the sender directly from the request: a parameter of a decorator would pass through all pipes, with several promises each. */
export const senderOf = (request: AskedBySomebody): Sender => ({
  userId: request.user.userId,
  idempotencyKey: idempotencyKeyOf(request),
});
