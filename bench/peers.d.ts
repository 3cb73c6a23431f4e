// The peers are installed by `npm run bench` alone: types are checked with and without them, so theirs are left aside.
declare module '@agendajs/postgres-backend';
declare module '@agendajs/redis-backend';
declare module 'agenda';
declare module 'bullmq';

declare module 'graphile-worker';
declare module 'jsonwebtoken';
declare module 'pg-boss';
