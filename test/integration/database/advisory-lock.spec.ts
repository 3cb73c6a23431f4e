import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { exclusively } from '../../../src/database/advisory-lock.js';
import { newDataSource } from '../../../src/data-source.js';
import { breakLock } from '../../support/advisory-locks.js';
import { eventually } from '../../support/eventually.js';
import { startServices } from '../../support/services.js';
import type { Services } from '../../support/services.js';

const lock = 77;
let services: Services;
let here: DataSource;
let there: DataSource;

beforeEach(async () => {
  services = await startServices();
  [here, there] = (await Promise.all([1, 2].map(() => newDataSource(services.config()).initialize()))) as [
    DataSource,
    DataSource,
  ];
});
afterEach(async () => {
  for (const database of [here, there]) if (database.isInitialized) await database.destroy();
  await services.drop();
});

const isFree = (): Promise<boolean> => exclusively(there, lock, () => Promise.resolve());

describe('a lock that one process has at a time', () => {
  it('keeps others out while its work is under way, and no longer, however that ends', async () => {
    expect(
      await exclusively(here, lock, async (mustHold) => {
        expect(await isFree()).toBe(false);
        mustHold();
      }),
    ).toBe(true);
    expect(await isFree()).toBe(true);
    await expect(exclusively(here, lock, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect(await isFree()).toBe(true);
  });

  it('tells its work when its connection has broken, for others may have it then', async () => {
    const work = exclusively(here, lock, async (mustHold) => {
      await breakLock(there, lock);
      expect(await isFree()).toBe(true);
      mustHold();
    });
    await expect(work).rejects.toThrow('The connection that held the lock was lost');
  });

  it('ends as its work does although its connection has broken', async () => {
    expect(await exclusively(here, lock, () => breakLock(there, lock))).toBe(true);
    const failing = exclusively(here, lock, async () => {
      await breakLock(there, lock);
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
  });

  it('is gone with its data source', async () => {
    const work = exclusively(here, lock, async (mustHold) => {
      await here.destroy();
      mustHold();
    });
    await expect(work).rejects.toThrow('The connection that held the lock was lost');
    // PostgreSQL hears of it when the connection's end has reached it.
    expect(await eventually(isFree, (free) => free)).toBe(true);
  });
});
