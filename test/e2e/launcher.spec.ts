import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Launch, freePort } from '../support/launch.js';

const stopMs = 10_000;
const credentials = { email: 'ada@example.com', password: 'correct-horse-battery' };
const account = { ...credentials, name: 'Ada' };

const pidIn = (file: string): number => (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
const launcherPid = (directory: string): number => pidIn(join(directory, 'lock.json'));
const childPids = (directory: string): number[] => [
  pidIn(join(directory, 'app.pid.json')),
  pidIn(join(directory, 'redis.pid.json')),
  parseInt(readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8'), 10),
];

/** A process that has ended and is not yet buried by its parent does not count. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const post = (port: string, path: string, body: object): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Addresses that something listens on at this port, as the kernel writes them: 127.0.0.1 is `0100007F`. */
const listeners = (port: string): string[] =>
  ['/proc/net/tcp', '/proc/net/tcp6'].filter(existsSync).flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === '0A' && parseInt(local.split(':')[1] ?? '', 16) === Number(port))
      .map(([, local = '']) => local.split(':')[0] ?? ''),
  );

describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'punctual-launch-'));
  const directory = join(folder, 'data');
  const launches: Launch[] = [];

  function launch(environment: Record<string, string>): Launch {
    const started = new Launch(environment);
    launches.push(started);
    return started;
  }

  afterEach(async () => {
    await Promise.all(launches.splice(0).map((one) => one.interrupt()));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings everything up, says where to click, and stops everything on Ctrl-C', async () => {
    const port = await freePort();
    const system = await launch({ PORT: port, DATA_DIR: directory }).ready();

    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    expect(system.output).toContain(`http://localhost:${port}/api`);
    expect(system.output).toContain(`curl -s http://localhost:${port}/auth/register`);
    expect(system.output).toContain('http jobs may call this machine');
    expect(system.output).toContain(`127.0.0.1:${port}, for this machine alone`);
    if (process.platform === 'linux') {
      const postgres = readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3] ?? '';
      const [, mail = ''] = /Mail catcher.*127\.0\.0\.1:(\d+)/.exec(system.output) ?? [];
      const [, redis = ''] = /Redis.*127\.0\.0\.1:(\d+)/.exec(system.output) ?? [];
      for (const one of [port, postgres, mail, redis]) expect(listeners(one)).toEqual(['0100007F']);
    }
    expect(system.output).toContain(join(directory, 'mail'));
    expect((await post(port, '/auth/register', account)).status).toBe(201);

    const pids = childPids(directory);
    expect(pids.filter(isAlive)).toEqual(pids);
    const began = performance.now();
    expect(await system.interrupt()).toBe(0);
    expect(performance.now() - began).toBeLessThan(stopMs);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('keeps its data, and starts again after its launcher, then all of it, was killed', async () => {
    const port = await freePort();
    const first = await launch({ PORT: port, DATA_DIR: directory }).ready();
    expect((await post(port, '/auth/login', credentials)).status).toBe(200);
    const before = childPids(directory);
    process.kill(launcherPid(directory), 'SIGKILL');
    await first.exit;

    const second = await launch({ PORT: port, DATA_DIR: directory }).ready();
    expect((await post(port, '/auth/login', credentials)).status).toBe(200);
    expect(before.filter(isAlive)).toEqual([]);

    for (const pid of [launcherPid(directory), ...childPids(directory)]) process.kill(pid, 'SIGKILL');
    await second.exit;
    const third = await launch({ PORT: port, DATA_DIR: directory }).ready();
    expect((await post(port, '/auth/login', credentials)).status).toBe(200);
    expect(await third.interrupt()).toBe(0);
  });

  it('refuses a busy port and a folder in use, starts nothing for them, and disturbs nobody', async () => {
    const port = await freePort();
    await launch({ PORT: port, DATA_DIR: directory }).ready();

    const other = join(folder, 'other');
    const samePort = launch({ PORT: port, DATA_DIR: other });
    const sameFolder = launch({ PORT: await freePort(), DATA_DIR: directory });
    expect(await samePort.exit).not.toBe(0);
    expect(samePort.output).toContain(`Port ${port} is busy`);
    expect(samePort.output).toMatch(/PORT=\d+ npm start/);
    expect(existsSync(join(other, 'postgres'))).toBe(false);
    expect(existsSync(join(other, 'lock.json'))).toBe(false);
    expect(await sameFolder.exit).not.toBe(0);
    expect(sameFolder.output).toContain(`${directory} is in use: Punctual on port ${port}`);

    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
  });

  it('uses the servers that the environment names, and starts none of its own', async () => {
    const port = await freePort();
    const outside = join(folder, 'outside');
    const system = await launch({
      PORT: port,
      HOST: '0.0.0.0',
      DATA_DIR: outside,
      DB_HOST: process.env['TEST_PG_HOST'] ?? '',
      DB_PORT: process.env['TEST_PG_PORT'] ?? '',
      DB_USERNAME: process.env['TEST_PG_USERNAME'] ?? '',
      DB_PASSWORD: process.env['TEST_PG_PASSWORD'] ?? '',
      DB_DATABASE: `launcher_${port}`,
      REDIS_HOST: process.env['TEST_REDIS_HOST'] ?? '',
      REDIS_PORT: process.env['TEST_REDIS_PORT'] ?? '',
      REDIS_PREFIX: `{launcher-${port}}`,
    }).ready();
    expect((await post(port, '/auth/register', account)).status).toBe(201);
    expect(system.output).toContain(`0.0.0.0:${port}: whoever reaches this port can use it`);
    expect(system.output).not.toContain('http jobs may call this machine');
    expect(existsSync(join(outside, 'postgres'))).toBe(false);
    expect(existsSync(join(outside, 'redis.pid.json'))).toBe(false);
    expect(await system.interrupt()).toBe(0);
  });

  it('takes everything down when the application dies', async () => {
    const system = await launch({ PORT: await freePort(), DATA_DIR: directory }).ready();
    const pids = childPids(directory);
    process.kill(pids[0]!, 'SIGKILL');
    expect(await system.exit).not.toBe(0);
    expect(system.output).toContain('Punctual ended unexpectedly (signal SIGKILL)');
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
