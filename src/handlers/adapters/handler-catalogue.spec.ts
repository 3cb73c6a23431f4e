import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, Matches, ValidateNested } from 'class-validator';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import { HandlerRegistry } from '../domain/handler-registry.js';
import type { JobHandler } from '../domain/job-handler.js';
import { HandlerCatalogue } from './handler-catalogue.js';

class Login {
  @Matches(/^pw_\w{8}$/)
  password!: string;
}

class SyncPayload {
  @Matches(/^key_\w{8}$/)
  key!: string;

  @IsOptional()
  @IsInt()
  retries?: number;

  @IsOptional()
  @IsArray()
  @IsInt({ each: true })
  codes?: number[];

  @IsOptional()
  @ValidateNested()
  @Type(() => Login)
  login?: Login;
}

const seen: string[] = [];

class Sync implements JobHandler<SyncPayload> {
  handle(): void {}

  validate({ key, retries }: SyncPayload): FieldProblem[] {
    seen.push(key);
    if (retries === 13) throw new Error('no rule for that');
    return [
      { pointer: '/key', detail: `${key} is revoked.` },
      { pointer: '/login', detail: 'Not now.' },
    ];
  }
}

const registry = new HandlerRegistry(() => [
  { name: 'sync', origin: 'Sync (in Test)', payload: SyncPayload, instance: new Sync() },
]);
const pointersOf = async (payload: JsonObject) =>
  (await new HandlerCatalogue(registry).validate('sync', payload)).map(({ pointer }) => pointer);
const secret = { $secret: 'name' };

describe('HandlerCatalogue, where a payload refers to a secret', () => {
  it.each<[string, JsonObject, string[]]>([
    ['does not count what is said of its place', { key: secret }, ['/login']],
    ['nor deeper inside', { key: secret, login: { password: secret } }, ['/login']],
    ['counts it where no text may stand', { key: secret, retries: secret }, ['/retries']],
    ['or in a list of numbers', { key: secret, codes: [1, secret] }, ['/codes']],
    ['or where an object must', { key: secret, login: secret }, ['/login']],
    ['or where there is no such field', { key: secret, other: secret }, ['/other']],
    ['and all that is wrong elsewhere', { key: 'x', login: { password: secret } }, ['/key']],
    ['also beside it', { key: secret, login: { password: secret, more: 1 } }, ['/login/more']],
  ])('%s', async (_, payload, pointers) => {
    expect(await pointersOf(payload)).toEqual(pointers);
  });

  it("shows the handler's own rules a placeholder, and bears one that they cannot", async () => {
    seen.length = 0;
    await pointersOf({ key: secret });
    expect(seen).toEqual(['https://secret.invalid/']);
    expect(await pointersOf({ key: secret, retries: 13 })).toEqual([]);
    await expect(pointersOf({ key: 'key_12345678', retries: 13 })).rejects.toThrow('no rule');
    expect(await pointersOf({ key: 'key_12345678' })).toEqual(['/key', '/login']);
  });
});
