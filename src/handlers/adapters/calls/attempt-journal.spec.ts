import { describe, expect, it } from '@jest/globals';
import { AttemptJournal } from './attempt-journal.js';

function aJournal() {
  const lines: string[] = [];
  const steps: [number, string | undefined][] = [];
  const journal = new AttemptJournal({
    log: (line, level = 'info') => void lines.push(`${level}: ${line}`),
    progress: (percent, note) => void steps.push([percent, note]),
  });
  return { journal, lines, steps };
}

describe('log()', () => {
  it('passes lines on, with their level', () => {
    const { journal, lines } = aJournal();
    journal.log('one');
    journal.log('two', 'warn');
    expect(lines).toEqual(['info: one', 'warn: two']);
  });

  it('writes what is no text as JSON, and takes an unknown level for info', () => {
    const { journal, lines } = aJournal();
    journal.log({ a: 1n }, 'loud' as never);
    journal.log(undefined);
    expect(lines).toEqual(['info: {"a":"1"}', 'info: undefined']);
  });

  it('cuts long lines', () => {
    const { journal, lines } = aJournal();
    journal.log('x'.repeat(10_000));
    expect(Buffer.byteLength(lines[0] ?? '')).toBe('info: '.length + 8_192);
  });

  it('drops lines after the thousandth, and says so once', () => {
    const { journal, lines } = aJournal();
    for (let line = 0; line < 5_000; line += 1) journal.log(`line ${line}`);
    expect(lines).toHaveLength(1_001);
    expect(lines.slice(999)).toEqual([
      'info: line 999',
      "warn: More than 1000 lines: the rest of this attempt's are dropped.",
    ]);
  });
});

describe('progress()', () => {
  it('keeps the percentage within 0 and 100, and drops repetitions', () => {
    const { journal, steps } = aJournal();
    for (const percent of [-5, 0.2, 33.4, 33.3, 1e9, Number.NaN]) journal.progress(percent);
    expect(steps.map(([percent]) => percent)).toEqual([0, 33, 100, 0]);
  });

  it('passes a note on, also at the same percentage', () => {
    const { journal, steps } = aJournal();
    journal.progress(50, 'reading');
    journal.progress(50, 'writing');
    expect(steps).toEqual([
      [50, 'reading'],
      [50, 'writing'],
    ]);
  });
});

describe('a journal', () => {
  it("takes only the executor's own lines once it is closed", () => {
    const { journal, lines, steps } = aJournal();
    journal.close();
    journal.log('late');
    journal.progress(1);
    journal.write('noted', 'warn');
    expect([lines, steps]).toEqual([['warn: noted'], []]);
  });

  it('never throws, whatever the tools do', () => {
    const broken = (): never => {
      throw new Error('no');
    };
    const journal = new AttemptJournal({ log: broken, progress: broken });
    expect(() => {
      journal.log('x');
      journal.progress(1);
      journal.write('x', 'warn');
    }).not.toThrow();
  });
});
