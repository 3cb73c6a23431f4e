import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import {
  DataSource,
  EntityManager,
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import type { ITransactionRunner, Transaction } from '../kernel/transaction.js';
import { readOnlyState } from './outage.js';
import type { SharedStatement } from './statements/shared-statement.js';
import { StatementsAtOnce } from './statements/statements-at-once.js';

/**
 * How often a transaction is tried, by the code of what ended it. PostgreSQL gave it up in favour of another: `deadlock_detected` and
 * `serialization_failure`. Or its server has become a standby, which has stored nothing of it, and the next connection may lead to
 * the one that writes.
 */
const triesOf: Readonly<Record<string, number>> = { '40P01': 4, '40001': 4, [readOnlyState]: 2 };

@Injectable()
export class TypeormTransactionRunner implements ITransactionRunner {
  constructor(private readonly dataSource: DataSource) {}

  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return repeated(() => this.dataSource.transaction((manager) => work(manager as unknown as Transaction)));
  }

  atOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return repeated(async () => {
      const statements = new StatementsAtOnce();
      const result = work(statements as unknown as Transaction);
      await Promise.race([result, allIsSaid()]);
      const [sent, done] = await Promise.allSettled([statements.send(this.dataSource), result]);
      if (sent.status === 'rejected' && (done.status === 'fulfilled' || wasGivenUp(sent.reason))) throw sent.reason;
      return result;
    });
  }
}

async function repeated<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= triesAfter(error)) throw coded(error);
    }
  }
}

/** Resolves when nothing goes on without an answer from outside. */
const allIsSaid = async (): Promise<void> => {
  await Promise.resolve();
  await new Promise<void>((resolve) => process.nextTick(resolve));
};

const triesAfter = (error: unknown): number =>
  error instanceof QueryFailedError ? (triesOf[String((error.driverError as { code?: string }).code)] ?? 1) : 1;

const wasGivenUp = (error: unknown): boolean => triesAfter(error) > 1;

/**
 * TypeORM says of a connection that broke between two statements only that it was released, and the driver of one that broke
 * during a statement only that it ended: this gives them the code of an outage.
 */
const coded = (error: unknown): unknown =>
  error instanceof QueryRunnerAlreadyReleasedError ||
  error instanceof QueryRunnerProviderAlreadyReleasedError ||
  (error instanceof QueryFailedError && isUnanswered(error.driverError as Error))
    ? Object.assign(error, { code: 'ECONNRESET' })
    : error;

/** All that PostgreSQL says has a code; what could not be written down is a TypeError or the like. */
const isUnanswered = ({ code, name }: { code?: string } & Error): boolean => code === undefined && name === 'Error';

/** What a repository finds inside a transaction handle; throws when the handle came from another runner. */
export function entityManagerOf(tx: Transaction): EntityManager {
  const manager: unknown = tx;
  if (manager instanceof EntityManager) return manager;
  throw new TypeError('This transaction was not opened by TypeormTransactionRunner.');
}

/** Sends a statement in a transaction of either kind. Rejects with what a refusal means, else as TypeORM does. */
export const queryIn = <Row extends QueryResultRow>(
  tx: Transaction,
  statement: SharedStatement<Row>,
  values: unknown[],
): Promise<Row[]> => {
  const handle: unknown = tx;
  return handle instanceof StatementsAtOnce
    ? handle.add(statement, values)
    : statement.queryIn(entityManagerOf(tx), values);
};
