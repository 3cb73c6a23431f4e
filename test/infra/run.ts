// npm run test:infra: the product on the infrastructure that companies have (docs/deployment.md).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/local/build.mjs';
import { enterProject } from '../../scripts/local/environment.mjs';
import { aborted, interruption } from '../../scripts/local/interruption.mjs';
import { printFailure, secondsSince, step } from '../../scripts/local/progress.mjs';
import { tabled } from '../faults/table.js';
import { ensurePackages } from './packages.js';
import { NotHere } from './scenario.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios.js';
import { Stage } from './stage.js';

/** For all of them together, and for one. */
const limitMs = { all: 15 * 60_000, one: 4 * 60_000 };

interface Line {
  name: string;
  title: string;
  result: 'held' | 'failed' | 'not run';
  seconds: string;
  note: string;
}

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const began = performance.now();
const interrupted = interruption();
const folder = mkdtempSync(join(tmpdir(), 'punctual-infra-'));
const lines: Line[] = [];
let broken = false;
try {
  enterProject();
  const list = chosen();
  await step('Packages', ensurePackages, String);
  await step('Build', ensureBuilt, String);
  for (const scenario of list) if (!interrupted.aborted) await perform(scenario);
} catch (error) {
  broken = true;
  if (!interrupted.aborted) printFailure(error);
}
const of = (result: Line['result']): number => lines.filter((line) => line.result === result).length;
const failed = of('failed') + (broken || interrupted.aborted ? 1 : 0);
if (failed === 0) rmSync(folder, { recursive: true, force: true });
if (lines.length > 0) console.log(`\n${table()}`);
console.log(`\n${secondsSince(began)}${of('not run') > 0 ? `, ${of('not run')} not run` : ''}`);
console.log(`${of('held')} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function chosen(): Scenario[] {
  const names = only?.split(',');
  const unknown = names?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `No scenario is called ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`,
    );
  return scenarios.filter(({ name }) => names?.includes(name) ?? true);
}

async function perform(scenario: Scenario): Promise<void> {
  const { name, title } = scenario;
  const start = performance.now();
  const stage = new Stage(join(folder, name));
  const end = (result: Line['result'], note: string): void => {
    lines.push({ name, title, result, seconds: ((performance.now() - start) / 1_000).toFixed(1), note });
    const mark = { held: '✔', failed: '✘', 'not run': '–' }[result];
    console.log(`  ${mark} ${name}: ${title} (${secondsSince(start)})${note ? ` ${note}` : ''}`);
  };
  try {
    const left = limitMs.all - (start - began);
    const note = await Promise.race([scenario.run(stage), tooLong(Math.min(left, limitMs.one)), stopped()]);
    end('held', note ?? '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    end(error instanceof NotHere ? 'not run' : 'failed', reason.split('\n')[0] ?? '');
    if (!(error instanceof NotHere))
      console.log(`${error instanceof Error ? error.stack : reason}\nLogs: ${stage.folder}`);
  } finally {
    await stage.end();
  }
}

function tooLong(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`Not over after ${Math.round(ms / 1_000)} s`)), Math.max(0, ms)).unref();
  });
}

async function stopped(): Promise<never> {
  await aborted(interrupted);
  throw new Error('Stopped from outside');
}

function table(): string {
  const cells = lines.map(({ name, title, result, seconds, note }) => [
    name,
    title,
    result === 'failed' ? '**failed**' : result,
    seconds,
    note,
  ]);
  return tabled(['scenario', 'what must hold', 'result', 'seconds', 'seen'], cells);
}
