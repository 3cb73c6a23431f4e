import { setImmediate as breathe } from 'node:timers/promises';
import { IsInt, Max, Min } from 'class-validator';
import type { JsonObject } from '../../../src/kernel/json.js';
import { JobHandler } from '../../../src/handlers/domain/job-handler.js';
import type { HandlerContext } from '../../../src/handlers/domain/job-handler.js';

class CountPrimesPayload {
  @IsInt()
  @Min(2)
  @Max(100_000_000)
  below!: number;
}

@JobHandler('count-primes', { runIn: 'thread', module: import.meta.url, payload: CountPrimesPayload })
export class CountPrimesHandler implements JobHandler<CountPrimesPayload> {
  async handle({ payload, signal, log, progress }: HandlerContext<CountPrimesPayload>): Promise<JsonObject> {
    const { below } = payload;
    const isComposite = new Uint8Array(below);
    let primes = 0;
    for (let number = 2; number < below; number += 1) {
      if (number % 1_000_000 === 0) {
        progress((number / below) * 100);
        // A loop hears of its signal only where it lets go of the thread.
        await breathe();
        signal.throwIfAborted();
      }
      if (isComposite[number]) continue;
      primes += 1;
      for (let multiple = number * number; multiple < below; multiple += number) isComposite[multiple] = 1;
    }
    log(`There are ${primes} primes below ${below}.`);
    return { below, primes };
  }
}
