import type { DataSource } from 'typeorm';
import { nobody } from '../audit/domain/audit-event.js';
import { entryOf } from '../audit/domain/change.js';
import { TypeormAuditEvents } from '../audit/repositories/typeorm-audit-events.js';
import { BcryptPasswordHasher } from '../auth/adapters/bcrypt-password-hasher.js';
import { passwordFault, refuseWeak } from '../auth/domain/password.js';
import type { Config } from '../config/config.js';
import { processEnvironment } from '../config/environment.js';
import { newDataSource } from '../data-source.js';
import { TypeormTransactionRunner } from '../database/typeorm-transaction-runner.js';
import { SystemClock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import type { Transaction } from '../kernel/transaction.js';
import { accountOf, canonicalEmail } from '../users/domain/user.js';
import type { User } from '../users/domain/user.js';
import { UserEntity } from '../users/entities/user.entity.js';
import { TypeormUserRepository } from '../users/repositories/typeorm-user.repository.js';
import { commandConfig, runCommand, withDataSource } from './command.js';

const failureCode = 1;

/**
 * Makes the person with the address ADMIN_EMAIL an admin. An existing account keeps its password; otherwise a new account gets
 * ADMIN_PASSWORD. The command needs access to the database. No route makes an admin, and no installation starts with one.
 */
const environment = processEnvironment();
const email = canonicalEmail(environment['ADMIN_EMAIL'] ?? '');
const password = environment['ADMIN_PASSWORD'] ?? '';

/** The audit entry names no actor: the command has no request and no session, and only proves access to the database. */
const byOperator = { action: 'user.made_admin', actor: nobody, address: null, requestId: null };

const changeOf = (before: User | null, after: User) => ({
  target: { kind: 'user', id: after.id },
  before: before && accountOf(before),
  after: accountOf(after),
});

async function createAdmin(config: Config, dataSource: DataSource): Promise<string> {
  const users = new TypeormUserRepository(dataSource.getRepository(UserEntity));
  const transactions = new TypeormTransactionRunner(dataSource);
  const audit = new TypeormAuditEvents(dataSource);
  const record = (tx: Transaction, before: User | null, after: User) =>
    audit.append(tx, [{ entry: entryOf(byOperator, changeOf(before, after)), agoMs: 0 }]);
  const known = await users.findByEmail(email);
  if (known) {
    const changes = { role: 'admin', isActive: true } as const;
    await transactions.run(async (tx) => record(tx, known, await users.update(tx, known.id, changes)));
    return `${email} has an account and is an admin now; the password stays as it was.`;
  }
  const fault = passwordFault(password);
  if (fault !== undefined) throw new Error(`ADMIN_PASSWORD ${fault}.`);
  refuseWeak(password, email);
  const now = new SystemClock().now();
  const passwordHash = await new BcryptPasswordHasher(config).inTurn(['registration', ''], (hashing) =>
    hashing.hash(password),
  );
  const times = { createdAt: now, updatedAt: now };
  const admin: User = {
    id: newId(),
    email,
    name: 'Administrator',
    passwordHash,
    role: 'admin',
    isActive: true,
    ...times,
  };
  await transactions.run(async (tx) => {
    await users.insert(admin, tx);
    await record(tx, null, admin);
  });
  return `${email} is an admin now.`;
}

await runCommand(failureCode, async () => {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error('ADMIN_EMAIL must be an e-mail address.');
  const config = commandConfig();
  const line = await withDataSource(newDataSource(config), (dataSource) => createAdmin(config, dataSource));
  process.stdout.write(`${line}\n`);
  return 0;
});
