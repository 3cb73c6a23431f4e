/**
 * A 32-bit hash that stays the same in every version: where `H` and jitter place a job must not move with a release.
 * FNV-1a, then the finaliser of MurmurHash3, because FNV alone spreads inputs that differ in their last digit poorly.
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
