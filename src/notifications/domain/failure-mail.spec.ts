import { describe, expect, it } from '@jest/globals';
import type { FailureNotice } from '../../runs/domain/failure-notice.js';
import { failureMail } from './failure-mail.js';
import { sendAgainAfterMs } from './send-again.js';

const anAttempt = (number: number, changes: Partial<FailureNotice['attempts'][number]> = {}) => ({
  number,
  status: 'failed',
  startedAt: new Date('2026-03-01T02:30:00Z'),
  completedAt: new Date('2026-03-01T02:30:01.500Z'),
  errorMessage: `error ${number}`,
  ...changes,
});

const aNotice = (changes: Partial<FailureNotice> = {}): FailureNotice => ({
  runId: 'run-1',
  jobId: 'job-1',
  jobName: 'Nightly report',
  handler: 'http',
  nominalAt: new Date('2026-03-01T02:30:00Z'),
  failedAt: new Date('2026-03-01T02:31:00Z'),
  error: 'The target answered with status 500: down',
  attempts: [anAttempt(1), anAttempt(2, { status: 'lost', completedAt: null, errorMessage: null })],
  ownerId: 'ada',
  ownerEmail: 'ada@example.com',
  ownerName: 'Ada',
  tries: 0,
  ...changes,
});

describe('failureMail', () => {
  it('says what failed, when, why, each attempt, and where to look', () => {
    const { subject, text } = failureMail(aNotice(), 'https://jobs.example.com/');
    expect(subject).toBe('Job failed: Nightly report');
    expect(text).toBe(`Hello Ada,

a run of your job "Nightly report" has failed for good.

Job: Nightly report (job-1)
Handler: http
Run: run-1
Nominal time: 2026-03-01T02:30:00.000Z
Failed at: 2026-03-01T02:31:00.000Z

Error:
The target answered with status 500: down

All attempts:
  1  failed  2026-03-01T02:30:00.000Z  1500 ms  error 1
  2  lost  2026-03-01T02:30:00.000Z

The run: GET https://jobs.example.com/runs/run-1
Its log: GET https://jobs.example.com/runs/run-1/logs`);
  });

  it('says the same in HTML', () => {
    const { html } = failureMail(aNotice(), null);
    for (const part of [
      'Nightly report',
      'job-1',
      '<td>http</td>',
      'status 500: down',
      '<td>error 1</td>',
      '<td>lost</td>',
      'GET /runs/run-1/logs',
    ])
      expect(html).toContain(part);
  });

  it('lets no text of a user or a target become HTML', () => {
    const evil = `<img src=x onerror="alert('1')">&`;
    const { html } = failureMail(
      aNotice({
        jobName: evil,
        error: evil,
        ownerName: evil,
        handler: evil,
        attempts: [anAttempt(1, { errorMessage: evil, status: evil })],
      }),
      evil,
    );
    expect(html).not.toContain('<img');
    expect(html.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g)).toHaveLength(9);
  });

  it('shows the last of many attempts and the beginning of a long error', () => {
    const attempts = Array.from({ length: 101 }, (_, index) =>
      anAttempt(index + 1, { errorMessage: 'x'.repeat(8_000) }),
    );
    const { text, html } = failureMail(aNotice({ attempts, error: 'y'.repeat(8_000) }), null);
    expect(text).toContain('The last 20 of 101 attempts');
    expect(text).toMatch(/\n {2}82 /);
    expect(text).not.toMatch(/\n {2}81 /);
    expect(text).toContain(`\n${'y'.repeat(2_000)}…\n`);
    expect(html.length).toBeLessThan(20_000);
  });
});

describe('sendAgainAfterMs', () => {
  it('doubles from 30 s to an hour, and gives up after ten tries', () => {
    const delays = Array.from({ length: 10 }, (_, index) => sendAgainAfterMs(index + 1));
    expect(delays.map((ms) => ms && ms / 1_000)).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, null]);
  });
});
