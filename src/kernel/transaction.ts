declare const transactionBrand: unique symbol;

/** An open database transaction. Opaque: only repositories know its content. */
export interface Transaction {
  readonly [transactionBrand]: true;
}

export interface ITransactionRunner {
  /**
   * Runs `work` in one transaction. It commits when `work` resolves, and rolls back when `work` rejects (the rejection is passed
   * on). It may run `work` again after a deadlock, so `work` changes nothing outside the transaction and returns its result.
   * Callers answer and ring only after this resolves: nobody may learn of changes that are not committed.
   */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;

  /**
   * As `run`, for work that issues all its statements before it waits for any answer. The statements and the commit go to the
   * database together, in one round trip. When `work` rejects before it waits, nothing is sent. When it rejects after it has its
   * answers, the commit stands. Only for repository methods that are made for it.
   */
  atOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
export const ITransactionRunner = Symbol('ITransactionRunner');
