import { describe, expect, it } from '@jest/globals';
import { isId, newId } from './ids.js';

describe('newId', () => {
  const made = Array.from({ length: 5_000 }, newId);

  it('makes UUIDs of version 7', () => {
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.every(isId)).toBe(true);
  });

  it('makes distinct ids that sort in the order of creation', () => {
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
  });

  it('contains the time of its creation', () => {
    const before = Date.now();
    const at = parseInt(newId().replaceAll('-', '').slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at - Date.now()).toBeLessThanOrEqual(1);
  });

  it('ends in random digits that do not repeat', () => {
    const ends = new Set(made.map((id) => id.slice(-10)));
    expect(ends.size).toBeGreaterThan(made.length - 5);
  });
});
