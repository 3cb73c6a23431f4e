import { describe, expect, it } from '@jest/globals';
import { passwordFault, refuseWeak } from './password.js';

describe('passwordFault', () => {
  it.each(['12345678', '        ', 'a'.repeat(72), 'ż'.repeat(36), '🐢'.repeat(18), '🐢'.repeat(8)])(
    'accepts %s',
    (password) => {
      expect(passwordFault(password)).toBeUndefined();
    },
  );

  it.each([
    ['', /at least 8 characters/],
    ['1234567', /at least 8 characters/],
    ['🐢'.repeat(7), /at least 8 characters/],
    ['a'.repeat(73), /at most 72 bytes/],
    ['ż'.repeat(37), /at most 72 bytes/],
    ['🐢'.repeat(19), /at most 72 bytes/],
    ['12345678\0', /NUL/],
  ])('refuses %j', (password, fault) => {
    expect(passwordFault(password)).toMatch(fault);
  });
});

describe('refuseWeak', () => {
  it.each([
    'password',
    'PASSWORD123',
    'Passw0rd!',
    'p@$$w0rd1',
    'qwertyuiop',
    '1234567890',
    '87654321',
    'aaaaaaaa',
    '        ',
    '12121212',
    'iloveyou!!',
    'admin2026',
    'ada.lovelace@example.com',
    'Ada.Lovelace',
  ])('refuses %j', (password) => {
    expect(() => refuseWeak(password, 'ada.lovelace@example.com')).toThrow(/first that anybody would try/);
  });

  it.each(['correct horse', 'password of the day', 'Tr0ub4dor&3', '20260102030405', 'ada.lovelace1815'])(
    'takes %j',
    (password) => {
      expect(() => refuseWeak(password, 'ada.lovelace@example.com')).not.toThrow();
    },
  );
});
