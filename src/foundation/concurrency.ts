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
