import type { Redis } from 'ioredis';

const retryMs = 1_000;
const kinds = ['subscribe', 'psubscribe'] as const;

/**
 * Subscribes anew to all channels whenever the connection is ready again, and once a second while Redis refuses. ioredis does
 * so by itself but catches no refusal (NOAUTH, NOPERM), which would end the process as an unhandled rejection, and does not
 * try again: its `autoResubscribe` must be off.
 *
 * @param say is told each refusal
 */
export function keepSubscriptions(connection: Redis, say: (error: Error) => void): void {
  const channels = { subscribe: new Set<string>(), psubscribe: new Set<string>() };
  let retry: NodeJS.Timeout | undefined;
  const sends = kinds.map((kind) => {
    const original = connection[kind].bind(connection) as (...names: string[]) => Promise<unknown>;
    const remembering = (...names: string[]): Promise<unknown> => {
      for (const name of names) channels[kind].add(name);
      const answer = original(...names);
      answer.catch(refused);
      return answer;
    };
    Object.assign(connection, { [kind]: remembering });
    return { kind, send: original };
  });

  function subscribeAgain(): void {
    clearTimeout(retry);
    for (const { kind, send } of sends) if (channels[kind].size > 0) send(...channels[kind]).catch(refused);
  }
  function refused(error: Error): void {
    say(error);
    clearTimeout(retry);
    retry = setTimeout(() => connection.status === 'ready' && subscribeAgain(), retryMs).unref();
  }
  connection.on('ready', subscribeAgain);
}
