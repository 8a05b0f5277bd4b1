/** At most `limit` tasks at once; the rest wait in order. */
export class Semaphore {
  readonly #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** Runs `task` over the items, at most `limit` at once, keeping order in the answer; the first error is thrown. */
export async function mapBounded<A, B>(
  items: readonly A[],
  limit: number,
  task: (item: A, index: number) => Promise<B>,
): Promise<B[]> {
  const answers: B[] = Array.from({ length: items.length });
  let next = 0;
  async function lane(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      answers[index] = await task(items[index] as A, index);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return answers;
}
