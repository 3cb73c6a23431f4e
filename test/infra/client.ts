import { setTimeout as sleep } from 'node:timers/promises';
import type { ProductProcess } from '../support/processes.js';
import { eventually } from '../support/eventually.js';

export interface Answer {
  status: number;
  /** Ms until it was there. */
  tookMs: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Somebody with an account, who asks the product over HTTP. */
export class Client {
  private constructor(
    private readonly url: () => string,
    private readonly token: string,
  ) {}

  /** Registers; repeats that while the product is not ready for it. */
  static async of(product: ProductProcess | (() => string)): Promise<Client> {
    const url = typeof product === 'function' ? product : () => product.url;
    const account = { email: `ada-${process.pid}-${performance.now()}@example.com`, name: 'Ada' };
    const answered = await eventually(
      () => ask(`${url()}/auth/register`, { method: 'POST', body: { ...account, password: 'correct horse battery' } }),
      ({ status }) => status === 201,
      { withinMs: 20_000, everyMs: 200 },
    );
    return new Client(url, String(answered.body['access_token']));
  }

  get(path: string): Promise<Answer> {
    return ask(`${this.url()}${path}`, { token: this.token });
  }

  post(path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return ask(`${this.url()}${path}`, { method: 'POST', token: this.token, body, headers });
  }

  /** A job that is done at once. */
  submit(name: string, headers: Record<string, string> = {}): Promise<Answer> {
    const work = { type: 'one_time', handler: 'log', payload: { message: name } };
    return this.post('/jobs', { name, ...work }, headers);
  }

  /** Submits a job and waits until it is completed. */
  async complete(name: string, withinMs = 15_000): Promise<void> {
    const { status, body } = await this.submit(name);
    if (status !== 201) throw new Error(`Submission: ${status} ${JSON.stringify(body)}`);
    await eventually(
      () => this.get(`/jobs/${String(body['id'])}/status`),
      (answer) => answer.body['status'] === 'completed',
      { withinMs, everyMs: 50 },
    );
  }

  /** Submits so many a second until `until` resolves. @returns all answers, in the order of the questions */
  async load(rate: number, until: Promise<unknown>): Promise<Answer[]> {
    let over = false;
    const stop = (): void => {
      over = true;
    };
    void until.then(stop, stop);
    const asked: Promise<Answer>[] = [];
    while (!over) {
      asked.push(this.submit(`load ${asked.length + 1}`));
      await sleep(1_000 / rate);
    }
    await until;
    return Promise.all(asked);
  }
}

/** `200: 40, 503: 3`. */
export function tally(answers: Answer[]): string {
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status}: ${count}`).join(', ');
}

interface Question {
  method?: string;
  token?: string;
  body?: object;
  headers?: Record<string, string>;
}

/** One request; no answer within a minute counts as status 0. */
export async function ask(url: string, { method = 'GET', token, body, headers = {} }: Question = {}): Promise<Answer> {
  const began = performance.now();
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(60_000),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, tookMs: performance.now() - began, headers: response.headers, body: parsed };
  } catch (error) {
    const reason = { error: error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error) };
    return { status: 0, tookMs: performance.now() - began, headers: new Headers(), body: reason };
  }
}

/** What `/health/ready` says. */
export const readiness = (product: ProductProcess): Promise<Answer> => ask(`${product.url}/health/ready`);
