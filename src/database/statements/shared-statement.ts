import type { DatabaseError, QueryResultRow } from 'pg';
import { QueryFailedError } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { PreparedStatement } from './prepared-statement.js';

/** What a statement does: at least one of `write` and `answer`. */
interface Parts {
  /** INSERT, UPDATE or DELETE, without changes in a WITH of its own. */
  write?: string;
  /**
   * SELECT of what it answers; what `write` returns is in a table of the statement's name. Where it is sent with others,
   * the rows come as JSON, so only text, numbers and booleans are the same in either way.
   */
  answer?: string;
  /** What a refusal of PostgreSQL means, where it is one of this statement's own. */
  refusal?: (error: DatabaseError) => Error | undefined;
}

/** A prepared statement that can be sent in a transaction, or with others as one: see `StatementsAtOnce`. */
export class SharedStatement<Row extends QueryResultRow> extends PreparedStatement<Row> {
  /** How many parameters it takes. */
  readonly arity: number;

  /** @param name an identifier of SQL, unique among all prepared statements */
  constructor(
    name: string,
    readonly parts: Parts,
  ) {
    super(name, together([{ name, write: parts.write }], parts.answer));
    this.arity = Math.max(0, ...Array.from(this.text.matchAll(parameter), ([, place]) => Number(place)));
  }

  /** Rejects with what a refusal means, else as TypeORM does. */
  override async queryIn(manager: EntityManager, values: unknown[]): Promise<Row[]> {
    try {
      return await super.queryIn(manager, values);
    } catch (error) {
      throw meaningOf(error, [this]);
    }
  }
}

export type AnyStatement = SharedStatement<QueryResultRow>;

/** What an error means to the first of the statements that knows it; else the error. */
export function meaningOf(error: unknown, statements: readonly AnyStatement[]): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const refused = error.driverError as DatabaseError;
  for (const { parts } of statements) {
    const meaning = parts.refusal?.(refused);
    if (meaning) return meaning;
  }
  return error;
}

const parameter = /\$(\d+)/g;

/** The SQL with parameters that follow the `count` first. */
export const following = (count: number, sql: string): string =>
  sql.replace(parameter, (_, place) => `$${Number(place) + count}`);

/** SQL that does all the writes and then answers. */
export function together(writes: { name: string; write: string | undefined }[], answer: string | undefined): string {
  const made = writes.flatMap(({ name, write }) => (write === undefined ? [] : [{ name, write }]));
  const [first] = made;
  if (!first) return answer ?? 'SELECT';
  if (made.length === 1 && answer === undefined) return first.write;
  return `WITH ${made.map(({ name, write }) => `${name} AS (${write})`).join(', ')} ${answer ?? 'SELECT'}`;
}
