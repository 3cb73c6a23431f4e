/** Something that is there, or will be. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with it: at once where it is there, for a promise costs every request that makes one. */
export const andThen = <T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> =>
  value instanceof Promise ? value.then(next) : next(value);
