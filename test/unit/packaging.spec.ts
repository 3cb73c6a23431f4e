import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Service {
  image?: string;
  build?: unknown;
  command?: string[];
  environment?: Record<string, unknown>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const services = (parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }).services;
const documented = new Set(
  [...read('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name),
);
/** Each instruction of the Dockerfile as [keyword, rest], continued lines joined. */
const instructions = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line): [string, string] => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
const lastStage = instructions.slice(instructions.findLastIndex(([keyword]) => keyword === 'FROM'));
const valuesOf = (keyword: string): string[] => lastStage.filter(([key]) => key === keyword).map(([, rest]) => rest);

const { jobs } = parse(read('.github/workflows/ci.yml')) as {
  jobs: { 'check-and-test': { strategy: { matrix: { node: string[] } } } };
};
/** Versions of Node.js that CI runs everything on, oldest first. */
const testedNode = jobs['check-and-test'].strategy.matrix.node;

const pinned = /^[a-z./]+:\d+\.\d+(\.\d+)?-[a-z0-9.-]+$/;

describe('docker-compose.yml', () => {
  it('has both servers, a migration that runs once, and the two roles', () => {
    expect(Object.keys(services).sort()).toEqual(['api', 'migrate', 'postgres', 'redis', 'worker']);
    expect(services['migrate']?.command).toEqual(['node', 'dist/commands/migrate.js', 'run']);
    expect(services['api']?.environment?.['ROLES']).toBe('api,ticker');
    expect(services['worker']?.environment?.['ROLES']).toBe('worker,ticker');
  });

  it.each(['api', 'worker'])('starts %s once servers are healthy and migrations are done', (name) => {
    expect(services[name]?.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
  });

  it.each(['postgres', 'redis'])('pins the image of %s and watches its health', (name) => {
    expect(services[name]?.image).toMatch(pinned);
    expect(services[name]?.healthcheck?.test?.[0]).toBe('CMD');
  });

  it('forbids Redis to evict', () => {
    const command = services['redis']?.command ?? [];
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe('noeviction');
  });

  /** Mail servers may ask for no password; without keys, no secrets can be stored. */
  const mayBeAbsent = new Set(['SMTP_PASSWORD', 'SECRETS_KEYS']);

  it('holds no secret: each comes from outside, and its absence stops the start', () => {
    const secrets = Object.values(services)
      .flatMap(({ environment }) => Object.entries(environment ?? {}))
      .filter(([name]) => /SECRET|PASSWORD/.test(name));
    expect(secrets.map(([name]) => name)).toEqual(expect.arrayContaining(['JWT_SECRET', 'DB_PASSWORD']));
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z_]+:(\?.+|-)\}$/);
    for (const [name, value] of secrets)
      if (!mayBeAbsent.has(name)) expect([name, value]).toEqual([name, expect.stringContaining(':?')]);
  });

  it('uses only settings that .env.example documents', () => {
    const own = ['api', 'worker', 'migrate'].flatMap((name) => Object.keys(services[name]?.environment ?? {}));
    const interpolated = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
    expect([...own, ...interpolated].filter((name) => !documented.has(name))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  it('builds in one stage and runs in another, on a pinned image', () => {
    const images = instructions.filter(([keyword]) => keyword === 'FROM').map(([, rest]) => rest.split(' ')[0]);
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(pinned);
  });

  it('has the Node.js that the bench measures and that nvm and CI take', () => {
    const { dependencies } = JSON.parse(read('bench/package.json')) as { dependencies: Record<string, string> };
    const version = dependencies['node'] ?? '';
    const major = version.split('.')[0];
    for (const [keyword, rest] of instructions)
      if (keyword === 'FROM') expect(rest).toMatch(new RegExp(`^node:${version.replaceAll('.', '\\.')}-`));
    expect(read('.nvmrc').trim()).toBe(major);
    expect(testedNode).toContain(major);
  });

  it('may be older where somebody runs it by hand, as far as CI tests it', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(`>=${testedNode[0]}`).toBe(engines.node);
  });

  it('runs as an ordinary user, in production, without development packages', () => {
    expect(valuesOf('USER')).toEqual(['node']);
    expect(valuesOf('ENV')).toContain('NODE_ENV=production');
    expect(valuesOf('RUN').filter((command) => command.startsWith('npm ci'))).toEqual([
      expect.stringContaining('--omit=dev'),
    ]);
  });

  it('asks for its own health', () => {
    expect(valuesOf('HEALTHCHECK')).toEqual([expect.stringContaining('/health/live')]);
  });

  it('brings in nothing that could hold a secret', () => {
    expect(read('.dockerignore').split('\n')[0]).toBe('*');
    expect(read('.dockerignore')).not.toMatch(/^!\.env/m);
    expect(instructions.some(([keyword]) => keyword === 'ARG')).toBe(false);
  });
});

describe('.env.example', () => {
  it('sets nothing by itself, so that a copy of it changes nothing', () => {
    expect(read('.env.example')).not.toMatch(/^[A-Z]/m);
  });
});
