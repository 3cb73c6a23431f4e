/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Passes the value to `next`: at once when it is no promise, because each promise costs every request some time. */
export const andThen = <T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> =>
  value instanceof Promise ? value.then(next) : next(value);
