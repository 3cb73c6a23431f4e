import { Inject, Injectable } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Transaction } from '../../kernel/transaction.js';
import { hasReferences, namesOf, readReferences } from '../domain/secret-reference.js';
import { ISecretRepository } from '../interfaces/secret-repository.js';

/** Checks the references of submitted payloads. It reads only the names of secrets and opens none. */
@Injectable()
export class PayloadSecrets {
  constructor(@Inject(ISecretRepository) private readonly secrets: ISecretRepository) {}

  /**
   * Sends one query for all payloads, or none when no payload contains a reference.
   * @param userId the owner of the jobs, whose secrets the payloads may refer to
   * @returns the problems of each payload, with pointers relative to it
   */
  async problemsOf(tx: Transaction, userId: string, payloads: readonly JsonObject[]): Promise<FieldProblem[][]> {
    const read = payloads.map((payload) => (hasReferences(payload) ? readReferences(payload) : none));
    const names = namesOf(read.flatMap(({ references }) => references));
    const held = new Set(names.length === 0 ? [] : await this.secrets.existing(tx, userId, names));
    return read.map(({ references, problems }) => [
      ...problems,
      ...references
        .filter(({ name }) => !held.has(name))
        .map(({ pointer, name }) => ({
          pointer: `${pointer}/$secret`,
          detail: `You have no secret "${name}"; store it with POST /secrets first.`,
        })),
    ]);
  }
}

const none: ReturnType<typeof readReferences> = { references: [], problems: [] };
