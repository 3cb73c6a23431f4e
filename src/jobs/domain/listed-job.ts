import { jsonBytes, listedJsonBytes, listedText, listedTextBytes } from '../../kernel/listed.js';
import type { JobView, ListedJob } from './job.js';

/**
 * Cuts the large fields of a job for an answer with up to `limit` jobs. The schedule stays whole, because the next start is computed
 * from it. The repository's SQL makes the same cuts, so that cut data never leaves PostgreSQL.
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

/** Each text of a job gets a ninth of an entry's share of text bytes; its JSON fields use most of the rest. */
export const textsShare = 9;
