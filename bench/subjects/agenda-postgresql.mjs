import { agendaFacts, prepareAgenda } from './support/agenda.mjs';
import { connectTo } from './support/postgres.mjs';

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  ...agendaFacts,
  name: 'agenda-postgresql',
  title: 'Agenda 6 on PostgreSQL',
  stores: 'PostgreSQL',
  async prepare({ postgres }) {
    const { PostgresBackend } = await import('@agendajs/postgres-backend');
    const client = await connectTo(postgres);
    const backend = new PostgresBackend({ connectionString: postgres.url });
    return prepareAgenda(backend, { analyze: () => client.query('ANALYZE'), end: () => client.end() });
  },
};
