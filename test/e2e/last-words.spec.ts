import { describe, expect, it } from '@jest/globals';
import { ProductProcess } from '../support/processes.js';

const lastWordsWith = (environment: Record<string, string>): Promise<string> =>
  ProductProcess.start(environment).then(
    () => 'it has started',
    (error: unknown) => String(error),
  );

describe('a process that cannot start', () => {
  it('says why in one line of JSON where the log is JSON', async () => {
    const settings: Record<string, string>[] = [{ LOG_FORMAT: 'json' }, { NODE_ENV: 'production' }];
    for (const environment of settings) {
      const lines = (await lastWordsWith({ ...environment, DB_URL: 'x' })).split('\n').filter(Boolean);
      const [, said = ''] = lines;
      expect(lines).toHaveLength(2);
      expect(JSON.parse(said)).toMatchObject({ level: 'fatal', message: expect.stringContaining('DATABASE_URL') });
    }
  });

  it('says it in text where the log is text', async () => {
    const said = await lastWordsWith({ LOG_FORMAT: 'text', NODE_ENV: 'production' });
    expect(said).toContain('\n  - JWT_SECRET is not set');
  });
});
