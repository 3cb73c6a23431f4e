import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.drop());

/** Starts the product, and tells it to stop `ms` after its parts have begun to start. */
async function stoppedEarly(ms: number): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, ...services.environment, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  const begun = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        output += part.toString();
        if (output.includes('Starting Nest application')) resolve();
      });
  });
  await Promise.race([begun, ended]);
  await sleep(ms);
  child.kill('SIGTERM');
  const [code] = await ended;
  return { code, output };
}

it.each([0, 50, 100, 150, 200, 300, 400, 600])('a signal %i ms into the start ends it in good order', async (ms) => {
  const { code, output } = await stoppedEarly(ms);
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  expect(output).not.toMatch(/ERROR|FATAL|TypeError/);
});
