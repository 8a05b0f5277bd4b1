/** Tasks that go on while others are begun. The first failure is kept, and thrown to whoever asks. */
export class UnderWay {
  readonly #tasks: Set<Promise<void>> = new Set();
  #failure: unknown;

  add(task: Promise<void>): void {
    const settled: Promise<void> = task
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#tasks.delete(settled));
    this.#tasks.add(settled);
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all have ended, those that others have begun meanwhile as well. */
  async finish(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    this.throwFailure();
  }
}
