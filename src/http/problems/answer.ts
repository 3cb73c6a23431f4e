import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../kernel/ids.js';
import { pathOf } from '../path.js';
import { problemMediaType, problemOf } from './problem-details.js';
import type { ProblemDetails } from './problem-details.js';

export function answerProblem(reply: FastifyReply, problem: ProblemDetails): void {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  void reply.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
}

/** An address that the router cannot read, which no hook gets to see. */
export function answerUnroutable(error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .header('x-request-id', request.id)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff');
  answerProblem(reply, problemOf(error.statusCode ?? 400, pathOf(request.url), request.id));
}

/** An expectation other than `100-continue`, which Node.js would answer with an empty body. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const problem = problemOf(417, pathOf(request.url ?? ''), newId());
  response.writeHead(problem.status, {
    'content-type': problemMediaType,
    'x-request-id': problem.requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(JSON.stringify(problem));
}

const statusOfSocketError: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Bytes that are no HTTP request, or one that never ends: there is no request object yet, only the socket. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const status = statusOfSocketError[error.code ?? ''] ?? 400;
    const problem = problemOf(status, '', newId());
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${problemMediaType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${problem.requestId}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy();
}
