import { Inject } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import { NonRetryableError } from '../../runs/domain/outcome.js';
import { Deadline } from '../adapters/http/deadline.js';
import { productVersion } from '../adapters/product-version.js';
import { AddressPolicy } from '../domain/address-policy.js';
import { headerProblems } from '../domain/http-headers.js';
import { urlProblems } from '../domain/http-target.js';
import { isExpected, statusError } from '../domain/http-verdict.js';
import { JobHandler } from '../domain/job-handler.js';
import type { HandlerContext } from '../domain/job-handler.js';
import { retryAfterMs } from '../domain/retry-after.js';
import { HttpPayload } from '../dto/http-payload.js';
import { IHttpClient } from '../interfaces/http-client.js';
import type { HttpAnswer, HttpRequest } from '../interfaces/http-client.js';

/** Sends one HTTP request; docs/handlers.md says what the target receives and which answers are tried again. */
@JobHandler('http', { payload: HttpPayload })
export class HttpHandler implements JobHandler<HttpPayload> {
  constructor(
    @Inject(IHttpClient) private readonly client: IHttpClient,
    @Inject(AddressPolicy) private readonly policy: AddressPolicy,
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) private readonly clock: IClock,
  ) {}

  validate({ url, method, headers, body }: HttpPayload): FieldProblem[] {
    const problems = [...urlProblems(url, this.policy), ...headerProblems(headers ?? {})];
    if (hasBody(body) && (method === 'GET' || method === 'HEAD'))
      problems.push({ pointer: '/body', detail: `A ${method} request carries no body.` });
    return problems;
  }

  async handle(context: HandlerContext<HttpPayload>): Promise<JsonObject> {
    const { payload, log } = context;
    // The configuration may be stricter than it was at submission.
    const [problem] = this.validate(payload);
    if (problem) throw new NonRetryableError(problem.detail);
    const startedAt = this.clock.monotonicMs();
    const answer = await this.send(context);
    const durationMs = Math.round(this.clock.monotonicMs() - startedAt);
    const result = resultOf(answer, durationMs);
    log(`${methodOf(payload)} ${new URL(payload.url).host} answered ${answer.status} after ${durationMs} ms.`);
    if (answer.bodyError !== undefined) log(`Its body is not complete: ${answer.bodyError}`, 'warn');
    if (isExpected(answer.status, payload.expectStatus)) return result;
    throw statusError(answer, result, retryAfterMs(answer.headers['retry-after'], this.clock.now()));
  }

  private async send(context: HandlerContext<HttpPayload>): Promise<HttpAnswer> {
    const { payload, signal, timeLimitMs } = context;
    const startedAt = this.clock.monotonicMs();
    const limitMs = payload.timeoutMs ?? this.config.engine.maxTimeoutMs;
    const deadline = new Deadline(signal, limitMs, {
      late: () => new Error(`The target had not answered completely after ${limitMs} ms.`),
      from: (reason) => reason as Error,
    });
    try {
      const bodyLimitBytes = this.config.handlers.httpBodyLimitBytes;
      const bodyWithin = {
        ms: () => startedAt + timeLimitMs - marginMs(timeLimitMs) - this.clock.monotonicMs(),
        late: () => new Error(`The body had not ended when the attempt's limit of ${timeLimitMs} ms was near.`),
      };
      return await this.client.send({ ...requestOf(context), signal: deadline.signal, bodyLimitBytes, bodyWithin });
    } finally {
      deadline.dispose();
    }
  }
}

/** A body that never ends is left so long before the attempt's time limit: then the status still counts. */
const marginMs = (timeLimitMs: number): number => Math.min(500, timeLimitMs / 10);

const hasBody = (body: HttpPayload['body']): boolean => body !== undefined && body !== null;
const methodOf = ({ method, body }: HttpPayload): string => method ?? (hasBody(body) ? 'POST' : 'GET');

function requestOf(context: HandlerContext<HttpPayload>): Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'> {
  const { payload } = context;
  const isText = typeof payload.body === 'string';
  const body = isText ? (payload.body as string) : JSON.stringify(payload.body);
  const own = new Set(Object.keys(payload.headers ?? {}).map((name) => name.toLowerCase()));
  const headers: Record<string, string> = { ...payload.headers, ...ownHeaders(context) };
  if (!own.has('accept-encoding')) headers['Accept-Encoding'] = 'identity';
  if (!hasBody(payload.body)) return { url: payload.url, method: methodOf(payload), headers };
  if (!own.has('content-type')) headers['Content-Type'] = isText ? 'text/plain; charset=utf-8' : 'application/json';
  return { url: payload.url, method: methodOf(payload), headers, body };
}

const ownHeaders = (context: HandlerContext<unknown>): Record<string, string> => ({
  'User-Agent': `Punctual/${productVersion}`,
  'Idempotency-Key': context.runId,
  'X-Punctual-Job-Id': context.jobId,
  'X-Punctual-Run-Id': context.runId,
  'X-Punctual-Attempt': String(context.attempt),
  'X-Punctual-Nominal-At': context.nominalAt.toISOString(),
  'X-Punctual-Lease-Token': context.leaseToken,
});

/** The body comes last: where the whole result is too long, it is what is cut. */
const resultOf = ({ status, headers, body, bodyTruncated, bodyError }: HttpAnswer, durationMs: number): JsonObject => ({
  status,
  durationMs,
  ...(bodyTruncated && { bodyTruncated }),
  ...(bodyError !== undefined && { bodyError }),
  headers,
  body,
});
