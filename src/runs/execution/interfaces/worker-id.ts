/** Identifies this process among the workers: host, process id and a random part, so that no two share an id. Users see only the random part. */
export const WorkerId = Symbol('WorkerId');
export type WorkerId = string;
