import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Launch, freePort } from '../support/launch.js';

const readme = readFileSync('README.md', 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'punctual-readme-'));
let port: string;
let system: Launch;

beforeAll(async () => {
  port = await freePort();
  system = await new Launch({ PORT: port, DATA_DIR: join(folder, 'data') }).ready();
});
afterAll(async () => {
  await system?.interrupt();
  rmSync(folder, { recursive: true, force: true });
});

/** What a reader sees of a chapter. */
const chapter = (heading: string): string => {
  const [, text] = new RegExp(`^## ${heading}\\n([^]*?)(?=^## )`, 'm').exec(readme) ?? [];
  if (text === undefined) throw new Error(`README.md has no chapter "${heading}".`);
  return text;
};

/** Pastes lines into a shell, as a reader would, and answers what it prints. */
async function paste(lines: string): Promise<string> {
  const environment = { ...process.env, PORT: port, NO_COLOR: '1', FORCE_COLOR: '0' };
  const { stdout } = await promisify(execFile)('bash', ['-c', lines], { env: environment, timeout: 20_000 });
  return stdout;
}

describe('the README', () => {
  it('has a quick start that works as it is pasted: registered, submitted, succeeded', async () => {
    const blocks = [...chapter('Quick start').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, lines]) => lines ?? '');
    const [install, register, submit, look] = blocks;
    expect(install?.trim()).toBe('npm ci && npm start');
    // The verbatim blocks, in one shell; the last one again until the job has run.
    const seen = await paste(`${register}${submit}look() {\n${look}}
      until look | grep -q "state: 'succeeded'"; do sleep 0.1; done
      look`);
    expect(seen).toContain("reason: 'completed'");
    expect(seen).toContain('attempts: 1');
  });
});
