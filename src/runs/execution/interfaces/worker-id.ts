/** Names this process among the workers: host, process id and a random part, so that no two ever share one. Users see the random part alone. */
export const WorkerId = Symbol('WorkerId');
export type WorkerId = string;
