import { agendaFacts, prepareAgenda } from './support/agenda.mjs';

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  ...agendaFacts,
  name: 'agenda-redis',
  title: 'Agenda 6 on Redis',
  stores: 'Redis',
  async prepare({ redis }) {
    const { RedisBackend } = await import('@agendajs/redis-backend');
    return prepareAgenda(new RedisBackend({ connectionString: redis.url }));
  },
};
