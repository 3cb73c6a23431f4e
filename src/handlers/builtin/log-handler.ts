import type { JsonValue } from '../../kernel/json.js';
import { JobHandler } from '../domain/job-handler.js';
import type { HandlerContext } from '../domain/job-handler.js';

/** Writes its payload to the job's log and answers with it: the handler of a job that names none. */
@JobHandler('log')
export class LogHandler implements JobHandler {
  handle({ payload, log }: HandlerContext): JsonValue {
    log(JSON.stringify(payload));
    return payload;
  }
}
