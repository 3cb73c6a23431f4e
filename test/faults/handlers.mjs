// Imported before the program: handlers that misbehave, as a deployment's own might.
import { customHandlers } from '../../dist/handlers/custom/custom-handlers.js';
import { JobHandler } from '../../dist/handlers/domain/job-handler.js';

/** @param {string} name @param {(context: any) => unknown} work */
function handler(name, work) {
  class Custom {
    /** @param {any} context */
    handle(context) {
      return work(context);
    }
  }
  JobHandler(name)(Custom);
  customHandlers.push(Custom);
}

const circular = () => {
  const value = { self: /** @type {unknown} */ (null), big: 1n };
  value.self = value;
  return value;
};

handler('exit', () => process.exit(7));
handler('abort', () => process.abort());
handler('block', ({ payload, attempt }) => {
  if (attempt > 1) return;
  for (const until = performance.now() + payload.ms; performance.now() < until;);
});
handler('throw-null', () => {
  throw null;
});
handler('reject-nothing', () => Promise.reject());
handler('circular', circular);
handler('ten-megabytes', () => 'x'.repeat(10_000_000));
