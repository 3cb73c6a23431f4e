/** Something that is there, or will be. */
export type Soon<T> = T | Promise<T>;

/** Goes on with it: at once where it is there, for a promise costs every request that makes one. */
export const goOn = <T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> =>
  value instanceof Promise ? value.then(next) : next(value);
