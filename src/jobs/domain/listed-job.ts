import { jsonBytes, listedJsonBytes, listedText, listedTextBytes } from '../../kernel/listed.js';
import type { JobView, ListedJob } from './job.js';

/**
 * The job as one of up to `limit` of an answer, but for its schedule: when it starts next is computed from that. The repository's SQL does the same, so that what is cut never leaves
 * PostgreSQL.
 */
export function listedJob(view: JobView, limit: number): ListedJob {
  const truncated: string[] = [];
  const json = <T>(field: string, value: T): T | null => {
    if (value === null || jsonBytes(value) <= listedJsonBytes) return value;
    truncated.push(field);
    return null;
  };
  const text = (field: string, value: string | null): string | null => {
    const shown = value && listedText(value, listedTextBytes(limit, textsShare));
    if (shown !== value) truncated.push(field);
    return shown;
  };
  const payload = json('payload', view.payload);
  const description = text('description', view.description);
  const pauseNote = text('pauseNote', view.pauseNote);
  const lastRun = view.lastRun && {
    ...view.lastRun,
    errorMessage: text('errorMessage', view.lastRun.errorMessage),
    result: json('result', view.lastRun.result),
  };
  return { ...view, payload, description, pauseNote, lastRun, truncated };
}

/** Each of a job's texts gets a ninth of what texts have of an answer: its JSON takes most of the rest. */
export const textsShare = 9;
