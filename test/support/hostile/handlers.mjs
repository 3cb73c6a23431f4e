// Imported before the program: what the handlers of section G of test/cases/hostile_inputs.md do.
import { customHandlers } from '../../../dist/handlers/custom/custom-handlers.js';
import { JobHandler } from '../../../dist/handlers/domain/job-handler.js';

/** @param {string} name @param {(context: any) => unknown} work */
function handler(name, work) {
  class Hostile {
    /** @param {any} context */
    handle(context) {
      return work(context);
    }
  }
  JobHandler(name, { onLost: 'park' })(Hostile);
  customHandlers.push(Hostile);
}

handler('loops', () => {
  for (;;);
});
handler('allocates', () => {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, at) => ({ at })));
});
handler('exits', () => process.exit(0));
handler('aborts', () => process.abort());
handler('throws-null', () => {
  throw null;
});
handler('rejects-undefined', () => Promise.reject());
handler('never-settles', () => new Promise(() => undefined));
handler('rejects-elsewhere', () => {
  void Promise.reject(new Error('nobody waits for this'));
  return 'done';
});
handler('throws-elsewhere', () => {
  setTimeout(() => {
    throw new Error('nobody catches this');
  });
  return new Promise(() => undefined);
});
handler('huge-message', () => {
  throw new Error('x'.repeat(10_000_000));
});
handler('circular-cause', () => {
  const error = new Error('outer');
  error.cause = error;
  throw error;
});
handler('throwing-getter', () => {
  throw Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no');
    },
  });
});
handler('secret-in-message', ({ payload }) => {
  const encoded = Buffer.from(payload.token).toString('base64');
  throw new Error(`refused: ${payload.token} ${encodeURIComponent(payload.token)} ${encoded}`);
});
