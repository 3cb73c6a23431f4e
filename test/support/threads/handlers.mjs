// Imported before the program, and by its threads: handlers of a deployment's own that run in threads.
import { threadId } from 'node:worker_threads';
import { customHandlers } from '../../../dist/handlers/custom/custom-handlers.js';
import { JobHandler } from '../../../dist/handlers/domain/job-handler.js';

export class Adds {
  /** @param {any} context */
  handle({ payload, log, progress }) {
    log('adding');
    progress(50, 'half way');
    log('added');
    return { sum: payload.a + payload.b, inThread: threadId > 0 };
  }
}

export class Loops {
  /** @param {any} context */
  handle({ log }) {
    log('looping');
    for (;;);
  }
}

export class Exits {
  handle() {
    process.exit(7);
  }
}

export class Hoards {
  handle() {
    const kept = [];
    for (let at = 0; ; at += 1) kept.push({ at, text: `${at}` });
  }
}

/** @type {[string, new () => any, object?][]} */
const handlers = [
  ['adds', Adds],
  ['loops', Loops],
  ['exits', Exits],
  ['hoards', Hoards, { memoryLimitMb: 48 }],
];
for (const [name, target, options] of handlers) {
  JobHandler(name, { runIn: 'thread', module: import.meta.url, ...options })(target);
  customHandlers.push(target);
}
