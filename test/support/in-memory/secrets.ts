import { conflict } from '../../../src/kernel/errors.js';
import type { IClock } from '../../../src/kernel/clock.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import type { Sealed, Secret, StoredSecret } from '../../../src/secrets/domain/secret.js';
import type { ISecretKeyMarks } from '../../../src/secrets/interfaces/secret-key-marks.js';
import type { ISecretRepository } from '../../../src/secrets/interfaces/secret-repository.js';
import type { ISecretRotation, Resealed } from '../../../src/secrets/interfaces/secret-rotation.js';

const minuteMs = 60_000;

/** Secrets in a process, for who use them, who seal them anew, and who look at the keys. */
export class InMemorySecrets implements ISecretRepository, ISecretRotation, ISecretKeyMarks {
  readonly rows = new Map<string, StoredSecret>();
  readonly marks = new Map<number, Sealed>();

  constructor(private readonly clock: Pick<IClock, 'now'>) {}

  async insert(_tx: Transaction, secret: StoredSecret): Promise<void> {
    if (this.of(secret.userId, [secret.name]).length > 0)
      throw conflict('SECRET_EXISTS', `You already have a secret "${secret.name}"; PUT replaces its value.`);
    this.rows.set(secret.id, { ...secret });
  }

  async count(_tx: Transaction, userId: string): Promise<number> {
    return this.of(userId).length;
  }

  async list(userId: string): Promise<Secret[]> {
    return this.of(userId)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(shown);
  }

  async findNamed(userId: string, names: readonly string[]): Promise<StoredSecret[]> {
    return this.of(userId, names).map((row) => ({ ...row }));
  }

  async existing(_tx: Transaction, userId: string, names: readonly string[]): Promise<string[]> {
    return this.of(userId, names).map(({ name }) => name);
  }

  async replace(_tx: Transaction, id: string, sealed: Sealed): Promise<Secret | null> {
    const row = this.rows.get(id);
    return row ? shown(Object.assign(row, sealed, { updatedAt: this.clock.now() })) : null;
  }

  async delete(_tx: Transaction, userId: string, name: string): Promise<Secret | null> {
    const [row] = this.of(userId, [name]);
    if (!row) return null;
    this.rows.delete(row.id);
    return shown(row);
  }

  async touch(ids: readonly string[]): Promise<void> {
    const minute = new Date(Math.floor(this.clock.now().getTime() / minuteMs) * minuteMs);
    for (const row of ids.flatMap((id) => this.rows.get(id) ?? []))
      if (row.lastUsedAt === null || row.lastUsedAt < minute) row.lastUsedAt = minute;
  }

  async countByVersion(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const { keyVersion } of this.rows.values()) counts.set(keyVersion, (counts.get(keyVersion) ?? 0) + 1);
    return new Map([...counts].sort(([a], [b]) => a - b));
  }

  async sealedOtherwise(version: number, afterId: string | null, limit: number): Promise<StoredSecret[]> {
    return [...this.rows.values()]
      .filter(({ id, keyVersion }) => keyVersion !== version && (afterId === null || id > afterId))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map((row) => ({ ...row }));
  }

  async reseal(pairs: readonly Resealed[]): Promise<number> {
    const current = pairs.filter(({ read }) => this.rows.get(read.id)?.nonce.equals(read.nonce));
    for (const { read, sealed } of current) this.rows.set(read.id, { ...read, ...sealed });
    return current.length;
  }

  async all(): Promise<Sealed[]> {
    return [...this.marks.values()];
  }

  async add(mark: Sealed): Promise<void> {
    if (!this.marks.has(mark.keyVersion)) this.marks.set(mark.keyVersion, mark);
  }

  async sealedUnder(version: number, limit: number): Promise<StoredSecret[]> {
    return [...this.rows.values()]
      .filter(({ keyVersion }) => keyVersion === version)
      .sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime() || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  private of(userId: string, names?: readonly string[]): StoredSecret[] {
    const own = [...this.rows.values()].filter((row) => row.userId === userId);
    return own.filter(({ name }) => !names || names.includes(name));
  }
}

const shown = ({ nonce: _nonce, ciphertext: _ciphertext, ...secret }: StoredSecret): Secret => ({ ...secret });
