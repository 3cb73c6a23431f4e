import { nobody } from '../audit/domain/audit-event.js';
import { entryOf } from '../audit/domain/change.js';
import { TypeormAuditEvents } from '../audit/repositories/typeorm-audit-events.js';
import { BcryptPasswordHasher } from '../auth/adapters/bcrypt-password-hasher.js';
import { passwordFault, refuseWeak } from '../auth/domain/password.js';
import { readConfig } from '../config/config.js';
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

/**
 * Makes whom ADMIN_EMAIL names an admin: somebody who has an account keeps their password, anybody else gets an account
 * with ADMIN_PASSWORD. Whoever can reach the database may; there is no way to do it over HTTP, and no default.
 */
const environment = processEnvironment();
const email = canonicalEmail(environment['ADMIN_EMAIL'] ?? '');
const password = environment['ADMIN_PASSWORD'] ?? '';
// Nothing is signed here; the configuration as a whole is still checked.
const unusedSecret = 'unused-by-this-program-0123456789abcdef';

/** It is no request, and proves nobody but who can reach the database. */
const byOperator = { action: 'user.made_admin', actor: nobody, address: null, requestId: null };

const changeOf = (before: User | null, after: User) => ({
  target: { kind: 'user', id: after.id },
  before: before && accountOf(before),
  after: accountOf(after),
});

async function createAdmin(): Promise<string> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error('ADMIN_EMAIL must be an e-mail address.');
  const config = readConfig({ ...environment, JWT_SECRET: environment['JWT_SECRET'] || unusedSecret });
  const dataSource = await newDataSource(config).initialize();
  try {
    const users = new TypeormUserRepository(dataSource.getRepository(UserEntity));
    const transactions = new TypeormTransactionRunner(dataSource);
    const audit = new TypeormAuditEvents(dataSource);
    const noted = (tx: Transaction, before: User | null, after: User) =>
      audit.append(tx, [{ entry: entryOf(byOperator, changeOf(before, after)), agoMs: 0 }]);
    const known = await users.findByEmail(email);
    if (known) {
      const changes = { role: 'admin', isActive: true } as const;
      await transactions.run(async (tx) => noted(tx, known, await users.update(tx, known.id, changes)));
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
      await noted(tx, null, admin);
    });
    return `${email} is an admin now.`;
  } finally {
    await dataSource.destroy();
  }
}

try {
  process.stdout.write(`${await createAdmin()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
