import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { PrometheusMetrics } from '../../src/metrics/adapters/prometheus-metrics.js';
import { ProductMetrics } from '../../src/metrics/services/product-metrics.js';
import { executionStatuses } from '../../src/runs/domain/execution.js';
import { runTriggers } from '../../src/runs/domain/run.js';
import { isFinal, runStates } from '../../src/runs/domain/run-state.js';
import type { LeaseKeeper } from '../../src/runs/execution/services/lease-keeper.js';
import type { RunWorker } from '../../src/runs/execution/services/run-worker.js';
import { FixedClock } from '../support/fixed-clock.js';

const read = (path: string): string => readFileSync(path, 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}
const rules = (parse(read('ops/prometheus-alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string }[];
}
const { panels } = JSON.parse(read('ops/grafana-dashboard.json')) as { panels: Panel[] };

const operations = read('docs/operations.md');

function registry() {
  const metrics = new PrometheusMetrics();
  const backlog = {
    overdue: 1,
    oldestOverdueSeconds: 2,
    running: 3,
    plannerLagSeconds: 4,
    missingTimes: 5,
    violations: 6,
  };
  const pool = { read: () => ({ size: 10, used: 7, waiting: 8 }) };
  const keeper = { size: 9 } as unknown as LeaseKeeper;
  const worker = { heldBack: 10 } as unknown as RunWorker;
  const product = new ProductMetrics(metrics, { read: async () => backlog }, new FixedClock(), pool, keeper, worker);
  return { metrics, text: () => product.text() };
}

const exposed = async (): Promise<string[]> =>
  [...(await registry().text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);

/** Metrics that a text names; a histogram's series count as the histogram. */
const named = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b((?:scheduler|nodejs|process)_[a-z0-9_]+)/g)].map(([, name]) =>
      name!.replace(/_(bucket|sum|count)$/, ''),
    ),
  ),
];

describe('every metric that is named exists:', () => {
  it.each([
    ['docs/operations.md', operations],
    ['ops/grafana-dashboard.json', read('ops/grafana-dashboard.json')],
    ['ops/prometheus-alerts.yml', read('ops/prometheus-alerts.yml')],
  ])('in %s', async (_file, text) => {
    const known = await exposed();
    expect(named(text).length).toBeGreaterThan(5);
    expect(named(text).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('and every metric of the product has a row in docs/operations.md', async () => {
    const rows = operations.split('\n').filter((line) => line.startsWith('| `scheduler_'));
    const explained = named(rows.join('\n'));
    const ours = (await exposed()).filter((name) => name.startsWith('scheduler_'));
    expect(ours.length).toBeGreaterThan(20);
    expect(ours.filter((name) => !explained.includes(name))).toEqual([]);
  });
});

describe('the alert rules', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s leads to what to do', (alert, { annotations }) => {
    const [file, anchor] = annotations.runbook_url.split('#');
    expect(existsSync(file!)).toBe(true);
    const headings = [...read(file!).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase());
    expect(headings).toContain(anchor);
    expect(anchor).toBe(alert.toLowerCase());
    expect(annotations.summary).toMatch(/\.$/);
  });

  it('are of two severities, each name once', () => {
    for (const { labels } of rules) expect(['critical', 'warning']).toContain(labels.severity);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.length).toBeGreaterThan(10);
  });

  it('select label values that can occur', () => {
    const selected = rules.flatMap(({ expr }) => [...expr.matchAll(/state="(\w+)"/g)].map(([, state]) => state));
    expect(selected.length).toBeGreaterThan(0);
    expect(selected.filter((state) => !runStates.some((one) => one === state && isFinal(one)))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('has panels that do not overlap, each with its own id, and with letters for its queries', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { targets = [] } of panels)
      expect(targets.map(({ refId }) => refId)).toEqual(targets.map((_, index) => String.fromCharCode(65 + index)));
  });

  it('asks for the chosen scrape job only', () => {
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(30);
    expect(queries.filter((expr) => !expr.includes('job=~"$job"'))).toEqual([]);
  });
});

describe('the labels', () => {
  const allowed: Record<string, readonly string[]> = {
    state: runStates.filter(isFinal),
    trigger: runTriggers,
    outcome: executionStatuses.filter((status) => status !== 'running'),
  };

  it('have values of closed lists: no job, user or target makes a series', async () => {
    const { metrics, text } = registry();
    const before = series(await text());
    for (const status of executionStatuses.filter((one) => one !== 'running'))
      for (const trigger of runTriggers)
        for (const state of runStates) metrics.settled({ status, durationMs: 1, state, trigger });
    metrics.endedUnbegun('skipped', 'schedule');
    const after = series(await text());
    // All of them are there from the start, at zero: the first event must show in `rate()`.
    expect(after).toEqual(before);
    for (const line of after.filter((one) => /^scheduler_(runs|attempts)_total/.test(one)))
      for (const [, label, value] of line.matchAll(/(\w+)="([^"]*)"/g)) expect(allowed[label!]).toContain(value);
  });

  it('of the product are these', async () => {
    const labels = series(await registry().text())
      .filter((line) => line.startsWith('scheduler_'))
      .flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label]) => label!));
    expect([...new Set(labels)].sort()).toEqual(['le', 'outcome', 'state', 'trigger']);
  });
});

const series = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ [^ ]+$/, ''))
    .filter((line) => line.startsWith('scheduler_'));
