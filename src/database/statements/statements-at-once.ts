import type { QueryResultRow } from 'pg';
import { QueryFailedError } from 'typeorm';
import type { DataSource } from 'typeorm';
import { endsConnection } from '../outage.js';
import { poolOf } from '../pool.js';
import { PreparedStatement } from './prepared-statement.js';
import { following, meaningOf, together } from './shared-statement.js';
import type { AnyStatement, SharedStatement } from './shared-statement.js';

interface Given {
  statement: AnyStatement;
  values: unknown[];
  resolve: (rows: never[]) => void;
  reject: (error: unknown) => void;
}

interface Told {
  place: number;
  row: unknown;
}

/** By the names of what they are made of: as many as the program has ways to put statements together. */
const combinations = new Map<string, PreparedStatement<Told>>();

/**
 * Gathers statements and sends them as one, which PostgreSQL carries out as a whole or not at all: no round trip for each,
 * none to begin and none to commit. They see what was there before, not what each other writes; foreign keys are checked
 * when all is written.
 */
export class StatementsAtOnce {
  private readonly given: Given[] = [];
  private isSent = false;

  /** @returns its rows, once all are committed; rejects with why nothing was */
  add<Row extends QueryResultRow>(statement: SharedStatement<Row>, values: unknown[]): Promise<Row[]> {
    if (this.isSent) throw new TypeError(`${statement.name} comes after what it was to be sent with.`);
    if (this.given.some((other) => other.statement.name === statement.name))
      throw new TypeError(`${statement.name} can be sent with others once only.`);
    return new Promise((resolve, reject) => this.given.push({ statement, values, resolve, reject }));
  }

  /** Rejects with what a refusal means, else as TypeORM does; so do all that were added. */
  async send(dataSource: DataSource): Promise<void> {
    this.isSent = true;
    if (this.given.length === 0) return;
    try {
      const told = await this.ask(dataSource);
      for (const [place, { resolve }] of this.given.entries())
        resolve(told.flatMap((one) => (one.place === place ? [one.row as never] : [])));
    } catch (error) {
      const meaning = meaningOf(error, this.statements());
      for (const { reject } of this.given) reject(meaning);
      throw meaning;
    }
  }

  private async ask(dataSource: DataSource): Promise<Told[]> {
    const { name, text } = combinationOf(this.statements());
    const values = this.given.flatMap((one) => one.values);
    dataSource.logger.logQuery(text, values);
    const client = await poolOf(dataSource).connect();
    // A connection that breaks says so twice: to its statement, and to whoever listens, which must be somebody.
    client.on('error', heard);
    try {
      const { rows } = await client.query<Told>({ name, text, values });
      client.off('error', heard);
      client.release();
      return rows;
    } catch (error) {
      client.release(endsConnection(error));
      throw new QueryFailedError(text, values, error as Error);
    }
  }

  private statements(): AnyStatement[] {
    return this.given.map(({ statement }) => statement);
  }
}

const heard = (): void => undefined;

function combinationOf(statements: readonly AnyStatement[]): PreparedStatement<Told> {
  const names = statements.map(({ name }) => name).join();
  const known = combinations.get(names);
  if (known) return known;
  const made = new PreparedStatement<Told>(`at_once_${combinations.size + 1}`, combine(statements));
  combinations.set(names, made);
  return made;
}

/** The parameters of each follow those of the one before it. */
function combine(statements: readonly AnyStatement[]): string {
  let before = 0;
  const writes: { name: string; write: string | undefined }[] = [];
  const answers: string[] = [];
  for (const [place, { name, arity, parts }] of statements.entries()) {
    const { write, answer } = parts;
    writes.push({ name, write: write && following(before, write) });
    if (answer !== undefined)
      answers.push(`SELECT ${place} AS place, to_json(a) AS row FROM (${following(before, answer)}) AS a`);
    before += arity;
  }
  return together(writes, answers.length > 0 ? answers.join(' UNION ALL ') : undefined);
}
