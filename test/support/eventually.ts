import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer passes, and answers it; fails with the last answer when `withinMs` is over. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  passes: (answer: T) => boolean,
  { withinMs = 10_000, everyMs = 20 } = {},
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (passes(answer)) return answer;
    if (performance.now() > until)
      throw new Error(`Not within ${withinMs} ms. Last answer: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await sleep(everyMs);
  }
}
