import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Logger as NestLogger, Module, Param, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsString } from 'class-validator';
import { setImmediate } from 'node:timers/promises';
import { ConfigModule } from '../config/config.module.js';
import { readConfig } from '../config/config.js';
import { conflict } from '../kernel/errors.js';
import { HealthChecks } from '../kernel/health.js';
import { KernelModule } from '../kernel/kernel.module.js';
import { createApp } from './application.js';
import { Public } from './decorators/public.decorator.js';
import { Unaudited } from './decorators/audited.decorator.js';
import { PageQueryDto } from './dto/page-query.dto.js';
import { HttpModule } from './http.module.js';
import { IdPipe } from './validation/id.pipe.js';

class EchoDto {
  @IsString()
  text!: string;
}

const failures: Record<string, () => unknown> = {
  defect: () => new Error('the secret of the pool'),
  'thrown text': () => 'the secret of the pool',
  outage: () => Object.assign(new Error('connect to 10.0.0.7'), { code: 'ECONNREFUSED' }),
  domain: () => conflict('JOB_NOT_CANCELLABLE', 'The job is completed.', { state: 'completed' }),
};

@Public()
@Controller()
class ProbeController {
  private readonly logger = new NestLogger('Probe');

  @Unaudited('It stores nothing.')
  @Post('echo')
  async echo(@Body() body: EchoDto) {
    await setImmediate();
    this.logger.log('working');
    return body;
  }

  @Get('things/:id')
  thing(@Param('id', IdPipe) id: string, @Query() { page }: PageQueryDto) {
    return { id, page };
  }

  @Get('fail/:how')
  fail(@Param('how') how: string): never {
    throw failures[how]?.();
  }
}

const config = readConfig({
  JWT_SECRET: 'k'.repeat(32),
  ROLES: 'worker',
  LOG_FORMAT: 'json',
  CORS_ORIGINS: 'https://dashboard.example',
});

@Module({ imports: [KernelModule, ConfigModule.of(config), HttpModule], controllers: [ProbeController] })
class ProbeModule {}

interface Line {
  level: string;
  message: string;
  context: string;
  requestId?: string;
  [field: string]: unknown;
}

let app: NestFastifyApplication;
let lines: Line[] = [];

beforeAll(async () => {
  const keep = (text: unknown) => Boolean(lines.push(JSON.parse(String(text)) as Line));
  jest.spyOn(process.stdout, 'write').mockImplementation(keep);
  jest.spyOn(process.stderr, 'write').mockImplementation(keep);
  app = await createApp(ProbeModule, config);
  await app.init();
});
beforeEach(() => void (lines = []));
afterAll(async () => {
  await app.close();
  jest.restoreAllMocks();
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });
const echo = (payload: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/echo', payload, headers: { 'content-type': 'application/json', ...headers } });

describe('createApp', () => {
  it('writes every line of a request with its id, and one line about it', async () => {
    const answer = await echo('{"text":"hello"}', { 'x-request-id': 'r-1', authorization: 'Bearer secret' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ text: 'hello' });
    expect(answer.headers['x-request-id']).toBe('r-1');
    expect(lines).toEqual([
      expect.objectContaining({ message: 'working', context: 'Probe', requestId: 'r-1' }),
      expect.objectContaining({
        message: 'Request',
        context: 'Access',
        requestId: 'r-1',
        method: 'POST',
        route: '/echo',
        status: 201,
        ms: expect.any(Number),
      }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|hello/);
  });

  it('keeps ids and queries out of the log', async () => {
    const id = '0198C0DE-7c1e-7b7e-9d0a-3f1f5b0f2a11';
    const answer = await get(`/things/${id}?page=2`);
    expect(answer.json()).toEqual({ id: id.toLowerCase(), page: 2 });
    await get('/nothing?token=secret');
    expect(lines.map(({ route }) => route)).toEqual(['/things/:id', '/nothing']);
    expect(JSON.stringify(lines)).not.toMatch(/secret|0198C0DE/i);
  });

  it.each(["1' or '1'='1", '%2e%2e%2fetc', '%00', 'x'.repeat(400)])('refuses the id %s', async (id) => {
    const answer = await get(`/things/${id}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'VALIDATION', errors: [{ pointer: '/id' }] });
  });

  it.each(['defect', 'thrown text'])('answers a %s with a bare 500 and logs it with the id', async (how) => {
    const answer = await get(`/fail/${encodeURIComponent(how)}`, { 'x-request-id': 'r-2' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      type: 'urn:punctual:problem:internal-error',
      title: 'Internal error',
      status: 500,
      instance: `/fail/${encodeURIComponent(how)}`,
      code: 'INTERNAL_ERROR',
      requestId: 'r-2',
    });
    expect(lines[0]).toMatchObject({ level: 'error', context: 'Problem', requestId: 'r-2' });
    expect(lines[0]?.message).toContain('the secret of the pool');
    expect(lines[0]?.stack).toEqual(expect.stringContaining('at '));
  });

  it('answers an outage with 503 and when to try again, and logs one line', async () => {
    const answer = await get('/fail/outage');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(answer.body).not.toContain('10.0.0.7');
    expect(lines[0]).toMatchObject({ level: 'warn', message: 'connect to 10.0.0.7' });
    expect(lines[0]).not.toHaveProperty('stack');
  });

  it('answers a domain error with its status and members, and does not log it', async () => {
    const answer = await get('/fail/domain');
    expect(answer.statusCode).toBe(409);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code: 'JOB_NOT_CANCELLABLE', state: 'completed' });
    expect(lines.map(({ context }) => context)).toEqual(['Access']);
  });

  it('lets the configured origin in, and no other', async () => {
    const allowed = await get('/health/live', { origin: 'https://dashboard.example' });
    expect(allowed.headers['access-control-allow-origin']).toBe('https://dashboard.example');
    const other = await get('/health/live', { origin: 'https://dashboard.example.evil' });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/health/live' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('');
  });

  it('serves as before while load balancers shall notice that it is not ready, and keeps no connection', async () => {
    app.get(HealthChecks).drain();
    expect((await get('/health/ready')).json()).toMatchObject({ status: 'stopping' });
    const served = await echo('{"text":"on time"}');
    expect(served.statusCode).toBe(201);
    expect(served.headers).toMatchObject({ connection: 'close' });
  });

  it('takes nothing new once it is told to stop, and says so in its health', async () => {
    app.get(HealthChecks).stop();
    const refused = await echo('{"text":"late"}');
    expect(refused.statusCode).toBe(503);
    expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '2' });
    expect(refused.json()).toMatchObject({ code: 'STOPPING' });
    const ready = await get('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ status: 'stopping' });
    expect((await get('/health/live')).statusCode).toBe(200);
  });
});
