import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';

const page = readFileSync('docs/api.md', 'utf8');

/** A block of commands, and the block with its answer where the page shows one right after it. */
interface Example {
  commands: string;
  language?: string;
  answer?: string;
}

const examples: Example[] = [...page.matchAll(/^```sh\n([^]*?)^```\n(?:\n```(json|http|text)\n([^]*?)^```\n)?/gm)].map(
  ([, commands = '', language, answer]) => ({
    commands,
    ...(language !== undefined && answer !== undefined ? { language, answer } : {}),
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'punctual-api-page-'));
const separator = '--- next example ---';
let app: TestApp;
let printed: string[];

beforeAll(async () => {
  app = await startApp();
  const script = examples.map(({ commands }) => commands).join(`\necho; echo '${separator}'\n`);
  const environment = { ...process.env, PORT: new URL(app.url).port, NO_COLOR: '1', FORCE_COLOR: '0' };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    env: environment,
    timeout: 60_000,
  });
  printed = stdout.split(separator);
});
afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const anything = expect.anything() as unknown;

/** What the page shows, as a matcher: `…` in a text is any text, a value `…` is any value, a member `…` means further members. */
function shown(value: unknown): unknown {
  if (value === '…') return anything;
  if (typeof value === 'string') return value.includes('…') ? expect.stringMatching(pattern(value)) : value;
  if (Array.isArray(value)) return value.includes('…') ? expect.any(Array) : value.map(shown);
  if (value === null || typeof value !== 'object') return value;
  const { '…': more, ...members } = value as Record<string, unknown>;
  const matchers = Object.fromEntries(Object.entries(members).map(([name, member]) => [name, shown(member)]));
  return more === undefined ? matchers : expect.objectContaining(matchers);
}

const pattern = (text: string): RegExp => new RegExp(`^${text.split('…').map(escaped).join('[^]+')}$`);

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Status line, headers with names in lower case, and body of what `curl -i` prints. */
function parse(message: string): { status: string; headers: Map<string, string>; body: unknown } {
  const [head = '', body = ''] = message.replaceAll('\r', '').trim().split('\n\n');
  const [status = '', ...lines] = head.split('\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status, headers, body: JSON.parse(body) };
}

describe('docs/api.md', () => {
  it('shows an answer for most of its requests', () => {
    expect(examples.filter(({ answer }) => answer !== undefined).length).toBeGreaterThan(12);
  });

  it.each(
    examples.flatMap(({ commands, language, answer }, index) =>
      answer === undefined ? [] : [{ commands: commands.split('\n')[0]!, language, answer, index }],
    ),
  )('gets the answer that it shows: $commands', ({ language, answer, index }) => {
    const output = printed[index] ?? '';
    if (language === 'text') return expect(output.trim()).toBe(answer.trim());
    if (language === 'json') return expect(JSON.parse(output)).toEqual(shown(JSON.parse(answer)));
    const [expected, answered] = [parse(answer), parse(output)];
    expect(answered.status).toBe(expected.status);
    for (const [name, value] of expected.headers) expect(answered.headers.get(name)).toMatch(pattern(value));
    return expect(answered.body).toEqual(shown(expected.body));
  });

  it('lists every route there is, and none besides', async () => {
    const routes = page.slice(page.indexOf('\n## Routes\n'));
    const listed = [...routes.matchAll(/^\| `([A-Z]+) (\/[^`?]*)`/gm)].map(([, method, path]) => `${method} ${path}`);
    const document = (await (await fetch(`${app.url}/api-json`)).json()) as { paths: Record<string, object> };
    const served = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(listed.sort()).toEqual(served.sort());
  });
});
