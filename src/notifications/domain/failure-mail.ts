import type { FailureNotice } from '../../runs/domain/failure-notice.js';

export interface FailureMail {
  /** Not yet fit for a header: the job's name is whatever its owner typed. */
  subject: string;
  text: string;
  html: string;
}

type Attempt = FailureNotice['attempts'][number];

const shownAttempts = 20;
const shownErrorLength = 2_000;
const shownAttemptErrorLength = 300;

/**
 * What the owner of a failed run is told: what failed, when, why, each attempt, and where to look.
 * @param apiUrl where people reach the API; null when this system does not know
 */
export function failureMail(notice: FailureNotice, apiUrl: string | null): FailureMail {
  const facts = factsOf(notice);
  const error = shorten(notice.error, shownErrorLength);
  const shown = notice.attempts.slice(-shownAttempts);
  const heading =
    shown.length < notice.attempts.length
      ? `The last ${shown.length} of ${notice.attempts.length} attempts`
      : 'All attempts';
  const where = `${apiUrl?.replace(/\/+$/, '') ?? ''}/runs/${notice.runId}`;
  return {
    subject: `Job failed: ${notice.jobName}`,
    text: [
      `Hello ${notice.ownerName},`,
      `a run of your job "${notice.jobName}" has failed for good.`,
      facts.map(([name, value]) => `${name}: ${value}`).join('\n'),
      `Error:\n${error}`,
      `${heading}:\n${shown.map(attemptLine).join('\n')}`,
      `The run: GET ${where}\nIts log: GET ${where}/logs`,
    ].join('\n\n'),
    html: [
      `<p>Hello ${escapeHtml(notice.ownerName)},</p>`,
      `<p>a run of your job <b>${escapeHtml(notice.jobName)}</b> has failed for good.</p>`,
      table(facts),
      `<p>Error:</p><pre>${escapeHtml(error)}</pre>`,
      `<p>${heading}:</p>`,
      table([['#', 'status', 'started', 'took', 'error'], ...shown.map(attemptCells)]),
      `<p>The run: <code>GET ${escapeHtml(where)}</code><br>Its log: <code>GET ${escapeHtml(where)}/logs</code></p>`,
    ].join('\n'),
  };
}

const factsOf = (notice: FailureNotice): [string, string][] => [
  ['Job', `${notice.jobName} (${notice.jobId})`],
  ['Handler', notice.handler],
  ['Run', notice.runId],
  ['Nominal time', notice.nominalAt.toISOString()],
  ['Failed at', notice.failedAt.toISOString()],
];

const attemptCells = ({ number, status, startedAt, completedAt, errorMessage }: Attempt): string[] => [
  String(number),
  status,
  startedAt.toISOString(),
  completedAt ? `${completedAt.getTime() - startedAt.getTime()} ms` : '',
  shorten(errorMessage ?? '', shownAttemptErrorLength),
];

const attemptLine = (attempt: Attempt): string => `  ${attemptCells(attempt).filter(Boolean).join('  ')}`;

const table = (rows: string[][]): string =>
  `<table cellpadding="4">${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('')}</table>`;

const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
