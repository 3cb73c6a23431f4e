/**
 * For how long a claim is a licence to begin, in ms from the attempt's start on the database's clock (when it is due, or was
 * claimed later). A worker that has not called the handler by then asks PostgreSQL anew. So whoever cancels a run that a worker
 * holds needs to wait no longer than this to know that it has begun or never will, whatever becomes of the worker or of Redis.
 */
export const startDeadlineMs = 500;
