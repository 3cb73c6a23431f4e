import { describe, expect, it } from '@jest/globals';
import { Zone, isKnownZone } from './zone.js';

const HOUR = 3_600_000;

describe('Zone', () => {
  it('begins a segment at each clock change, wherever it is asked from', () => {
    const segmentsAsked = (order: string[]) => {
      const zone = new Zone('America/New_York');
      return order
        .map((at) => zone.segmentAt(Date.parse(at)))
        .map(({ start, offset, shift }) => ({ start, offset, shift }));
    };
    const summer = { start: Date.parse('2025-03-09T07:00:00Z'), offset: -4 * HOUR, shift: HOUR };
    const winter = { start: Date.parse('2025-11-02T06:00:00Z'), offset: -5 * HOUR, shift: -HOUR };
    const asked = ['2025-03-09T07:00:00Z', '2025-11-02T05:59:59.999Z', '2025-11-02T06:00:00Z', '2026-03-08T06:59:59Z'];
    expect(segmentsAsked(asked)).toEqual([summer, summer, winter, winter]);
    expect(segmentsAsked(asked.toReversed())).toEqual([winter, winter, summer, summer]);
  });

  it.each(['Africa/Casablanca', 'America/Argentina/San_Luis', 'Africa/Cairo', 'Asia/Gaza', 'Antarctica/Casey'])(
    'misses no change of %s in fifty years',
    (name) => {
      const zone = new Zone(name);
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hour: 'numeric',
        hourCycle: 'h23',
        minute: 'numeric',
      });
      for (let at = Date.UTC(1985, 0, 1, 12); at < Date.UTC(2035, 0); at += 24 * HOUR) {
        const shown = new Date(at + zone.offsetAt(at)).toISOString().slice(11, 16);
        if (shown !== format.format(at)) throw new Error(`${name} at ${new Date(at).toISOString()}: ${shown}`);
      }
    },
  );
});

describe('isKnownZone', () => {
  it.each(['UTC', 'Europe/Berlin', 'america/new_york', 'Etc/GMT+5', 'US/Eastern'])('knows %s', (name) => {
    expect(isKnownZone(name)).toBe(true);
  });

  it.each(['', '+02:00', '-0500', 'Mars/Phobos', 'Europe/London ', 'Z', 'utc+2'])('does not know %j', (name) => {
    expect(isKnownZone(name)).toBe(false);
  });
});
