/** `1 file`, `2 files`, `0 directories`: a number and what it counts. `plural` where it is not the word and an s. */
export function count(number: number, word: string, plural = `${word}s`): string {
  return `${number} ${number === 1 ? word : plural}`;
}
