import { hostname } from 'node:os';
import { expect } from '@jest/globals';
import type { Answer } from './exchange.js';
import type { World } from './world.js';

const slowestMs = 2_000;

/** What no answer may show, unless the sender wrote it: stacks, SQL, codes of drivers, paths, hosts, names of libraries. */
const leaks: readonly RegExp[] = [
  /\bat \S+ \(|\bat async |\.[cm]?[jt]s:\d+/,
  /node_modules|\/(?:home|root|tmp|usr|work|app|var)\//,
  /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+["\w]|syntax error at|relation "|column "|violates /i,
  /QueryFailedError|typeorm|\bpg_|ECONN[A-Z]+|\bE[A-Z]{3,}\b(?=:)|FST_ERR|SQLSTATE|\b(?:22P0[0-9]|22003|22021|2201W|54001)\b/i,
  /nestjs|fastify|express\b|ioredis|\bbull\b|undici|class-validator|class-transformer|nodemailer|jsonwebtoken|passport/i,
  /Node\.js|v\d+\.\d+\.\d+/,
  new RegExp(`\\b${hostname().replaceAll('.', '\\.')}\\b`),
];

/** Asserts what every answer must hold, whatever was sent. */
export function judge(answer: Answer, world: World, withinMs = slowestMs): void {
  const { status, headers, text, ms, sent } = answer;
  // 503 with Retry-After is how load is shed; every other 5xx is a defect.
  expect(status === 503 ? 0 : status).toBeLessThan(500);
  expect(ms).toBeLessThan(withinMs);
  for (const name of ['x-powered-by', 'server', 'via', 'x-aspnet-version']) expect(headers).not.toHaveProperty(name);
  if (status >= 400) judgeProblem(answer);
  const shown = `${status >= 400 ? text : ''}\n${JSON.stringify(headers)}`;
  const foreign = leaks.flatMap((leak) => leak.exec(shown)?.[0] ?? []).filter((leak) => !sent.includes(leak));
  expect({ foreign, shown }).toEqual({ foreign: [], shown });
  const own = status < 300 && sent.includes('/auth/');
  for (const secret of world.secrets) if (!own) expect(text.includes(secret)).toBe(false);
}

/** One schema for every error. A connection that was closed without an answer has status 0. */
function judgeProblem({ status, headers, text, sent }: Answer): void {
  if (sent.startsWith('HEAD ')) return;
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:punctual:problem:[a-z0-9-]+$/),
    title: expect.any(String),
    status,
    instance: expect.any(String),
    code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/),
    requestId: expect.stringMatching(/^[\w.-]+$/),
  });
  for (const { pointer, detail } of (problem['errors'] ?? []) as { pointer: unknown; detail: unknown }[])
    expect([typeof pointer, typeof detail]).toEqual(['string', 'string']);
  if (status === 429 || status === 503) expect(headers).toHaveProperty('retry-after');
}
