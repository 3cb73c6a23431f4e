declare const transactionBrand: unique symbol;

/** An open database transaction. Opaque: only repositories know what is inside. */
export interface Transaction {
  readonly [transactionBrand]: true;
}

export interface ITransactionRunner {
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects (the rejection is passed on).
   * May run `work` again when the database gave the first try up (a deadlock), so `work` keeps what it does inside the
   * transaction and answers it.
   * What has not been committed must not be told to anybody, so callers answer and ring only after this resolves.
   */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;

  /**
   * As `run`, for work that says all it has to say to the database before it waits for any answer: everything is sent
   * together and committed with it, in one round trip. Nothing is sent where `work` rejects before; what it rejects with
   * once it has its answers undoes nothing. Only for what repositories offer for it.
   */
  atOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
export const ITransactionRunner = Symbol('ITransactionRunner');
