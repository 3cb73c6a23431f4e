import { Injectable } from '@nestjs/common';
import {
  DataSource,
  EntityManager,
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import type { ITransactionRunner, Transaction } from '../kernel/transaction.js';

/** PostgreSQL gave this transaction up in favour of another: `deadlock_detected` and `serialization_failure`. */
const worthRepeating = new Set(['40P01', '40001']);
const maxTries = 4;

@Injectable()
export class TypeormTransactionRunner implements ITransactionRunner {
  constructor(private readonly dataSource: DataSource) {}

  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.dataSource.transaction((manager) => work(manager as unknown as Transaction));
      } catch (error) {
        if (tries >= maxTries || !wasGivenUp(error)) throw coded(error);
      }
    }
  }
}

const wasGivenUp = (error: unknown): boolean =>
  error instanceof QueryFailedError && worthRepeating.has(String((error.driverError as { code?: string }).code));

/** TypeORM says of a connection that broke between two statements only that it was released: this gives it the code of an outage. */
const coded = (error: unknown): unknown =>
  error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError
    ? Object.assign(error, { code: 'ECONNRESET' })
    : error;

/** What a repository finds inside a transaction handle; throws when the handle came from another runner. */
export function entityManagerOf(tx: Transaction): EntityManager {
  const manager: unknown = tx;
  if (manager instanceof EntityManager) return manager;
  throw new TypeError('This transaction was not opened by TypeormTransactionRunner.');
}
