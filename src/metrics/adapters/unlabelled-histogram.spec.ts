import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { UnlabelledHistogram } from './unlabelled-histogram.js';

const buckets = [0.005, 0.1, 1, 30];
const value = fc.oneof(fc.constantFrom(0, ...buckets, 31), fc.double({ min: 0, max: 60, noNaN: true }));

it('is read as prom-client’s own histogram of the same values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 50 }), async (values) => {
      const [theirs, ours] = [new Registry(), new Registry()];
      const configuration = { name: 'taken_seconds', help: 'Time taken.', buckets };
      const histogram = new Histogram({ ...configuration, registers: [theirs] });
      const quick = new UnlabelledHistogram({ ...configuration, registers: [ours] });
      for (const each of values) {
        histogram.observe(each);
        quick.count(each);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
      const read = [await quick.get(), await histogram.get()].map(({ values: read }) =>
        read.map(({ value: each }) => each),
      );
      expect(read[0]).toEqual(read[1]);
    }),
  );
});
