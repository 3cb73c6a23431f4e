import { httpLoad, httpShape } from './support/http-load.mjs';
import { libraryMeasures } from './support/library.mjs';
import { hourMs } from './support/paced.mjs';
import { aJob, environmentFor, makeTables, register, startProgram } from './support/punctual.mjs';
import { asLibrary } from './support/punctual-library.mjs';

/** @typedef {import('../subject.d.ts').Services} Services */
/** @typedef {import('../subject.d.ts').Prepared} Prepared */

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'punctual',
  title: 'Punctual',
  ours: true,
  keepsHistory: 'yes',
  stores: 'PostgreSQL and Redis',
  settings:
    'defaults, no limits on what one user may do; one process in all roles, jobs handed in through the service behind POST /jobs; over HTTP a process of its own',
  measures: [...libraryMeasures, 'submit-http', 'submit-http-bulk-100', 'submit-http-bulk-1000'],
  prepare: (services, { measurement }) =>
    measurement.startsWith('submit-http') ? overHttp(services) : asLibrary(services),
};

/**
 * The program as it is deployed, in a process of its own that plays the role `api`.
 *
 * @param {Services} services
 * @returns {Promise<Prepared>}
 */
async function overHttp(services) {
  const environment = environmentFor(services, { ROLES: 'api' });
  await makeTables(environment);
  const program = await startProgram(environment);
  const { token } = await register(program.origin);
  return {
    submit(way, count, meter) {
      const { size, connections } = httpShape(way);
      const due = new Date(Date.now() + hourMs);
      const job = { ...aJob(0, due), handler: 'log' };
      const body = JSON.stringify(size === 1 ? job : { jobs: Array.from({ length: size }, () => job) });
      const path = size === 1 ? '/jobs' : '/jobs/bulk';
      const requests = Math.ceil(count / size);
      const { origin } = program;
      return httpLoad({ origin, path, token, body: () => body, requests, connections, expected: 201, meter });
    },
    close: () => program.stop(),
  };
}
