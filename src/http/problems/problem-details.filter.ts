import { Catch, HttpException, Inject, Logger, Optional } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/errors.js';
import { inRequest } from '../logging/request-context.js';
import { pathOf } from '../path.js';
import { answerProblem } from './answer.js';
import { domainErrorOf } from './driver-errors.js';
import { problemOf } from './problem-details.js';
import { IProblemWatch } from './problem-watch.js';

/** Answers every error as problem details. What is not meant for a caller becomes a bare 500 and a logged stack. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(@Optional() @Inject(IProblemWatch) private readonly watch?: IProblemWatch) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // A body that could not be read is reported outside of the request's asynchronous context.
    inRequest(request.id, () => this.answer(exception, request, reply));
  }

  private answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = exception instanceof DomainError ? exception : (domainErrorOf(exception) ?? statusOf(exception));
    const problem = problemOf(error, pathOf(request.url), request.id);
    if (error !== exception && problem.status >= 500) this.log(exception, error instanceof DomainError);
    if (reply.sent) return;
    if (error instanceof DomainError) {
      const { retryAfterSeconds, headers } = error.extra;
      if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
      if (headers) void reply.headers(headers);
    }
    answerProblem(reply, problem);
    this.watch?.answered(request, problem);
  }

  /** A defect with its stack; an outage, of which there may be thousands, in a line. */
  private log(exception: unknown, isOutage: boolean): void {
    const { message, stack } = exception instanceof Error ? exception : new Error(`Thrown: ${String(exception)}`);
    if (isOutage) this.logger.warn(message);
    else this.logger.error(message, stack);
  }
}

function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  const status = (exception as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
