const FARTHEST_TYPO = 3;

/** A zone that was probably meant, for the message that refuses one. */
export function suggestZone(name: string): string {
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?00)?$/i.exec(name.trim());
  // POSIX counts westwards, so the sign of Etc/GMT is the other way round.
  if (offset) return `Etc/GMT${offset[1] === '+' ? '-' : '+'}${Number(offset[2])}`;
  const wanted = plain(name);
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const ranked = known
    .map((zone) => ({ zone, distance: Math.min(distance(wanted, plain(zone)), distance(wanted, plain(cityOf(zone)))) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  return nearest && nearest.distance <= Math.min(FARTHEST_TYPO, wanted.length / 3)
    ? nearest.zone
    : 'an IANA name such as Europe/Berlin or UTC';
}

const plain = (name: string): string =>
  name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
const cityOf = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1);

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
