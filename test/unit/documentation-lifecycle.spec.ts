import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { jobTransitions } from '../../src/jobs/domain/job-status.js';
import { runReasons } from '../../src/runs/domain/run.js';
import { isFinal, runStates, runTransitions } from '../../src/runs/domain/run-state.js';
import { judgement } from '../support/judgement.js';

const page = readFileSync('docs/job-lifecycle.md', 'utf8');

const diagramsOf = (text: string): string[] =>
  [...text.matchAll(/```mermaid\n(stateDiagram-v2[^`]+)```/g)].map(([, diagram]) => diagram!);

/** Arrows as `from to`; `[*]` is where lives begin and end. */
const arrowsOf = (diagram: string): string[] =>
  [...diagram.matchAll(/^\s*(\S+) --> ([\w[\]*]+)/gm)].map(([, from, to]) => `${from} ${to}`).sort();

const arrowsIn = (table: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(table).flatMap(([from, targets]) =>
    targets.length === 0 ? [`${from} [*]`] : targets.map((to) => `${from} ${to}`),
  );

const reasonRows = [...page.matchAll(/^\| `(\w+)`\s*\| ([\w, ]+?)\s*\| (.+?)\s*\|$/gm)].map(
  ([, reason, states, meaning]) => ({ reason: reason!, states: states!.split(', '), meaning: meaning! }),
);

describe('docs/job-lifecycle.md', () => {
  const [runDiagram, jobDiagram] = diagramsOf(page) as [string, string];

  it('draws the life of a run as the transition table has it', () => {
    const begins = ['[*] scheduled', '[*] skipped', '[*] missed'];
    expect(arrowsOf(runDiagram)).toEqual([...begins, ...arrowsIn(runTransitions)].sort());
  });

  it('draws the statuses of a job as the transition table has them', () => {
    expect(arrowsOf(jobDiagram)).toEqual(['[*] pending', ...arrowsIn(jobTransitions)].sort());
  });

  it('explains every reason, once, in the order of the code, and no other', () => {
    expect(reasonRows.map(({ reason }) => reason)).toEqual([...runReasons]);
    for (const { meaning } of reasonRows) expect(meaning.length).toBeGreaterThan(20);
  });

  it('names states that there are, and none that a run just begins in', () => {
    const reachable = runStates.filter((state) => isFinal(state) || state === 'scheduled' || state === 'retrying');
    for (const { states } of reasonRows) for (const state of states) expect(reachable).toContain(state);
  });

  it('says of each reason with which an attempt ends a state that the judge gives it', () => {
    const judged = new Map<string, Set<string>>();
    for (const { reason, state } of judgement()) judged.set(reason, (judged.get(reason) ?? new Set()).add(state));
    expect([...judged.keys()]).toHaveLength(9);
    for (const [reason, states] of judged)
      expect([reason, [...states].sort()]).toEqual([
        reason,
        [...(reasonRows.find((row) => row.reason === reason)?.states ?? [])].sort(),
      ]);
  });
});
