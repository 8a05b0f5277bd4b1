/** The attributes of files on Windows that are kept, by their words (FILE_ATTRIBUTE_… of winnt.h). */
const words: ReadonlyMap<string, number> = new Map([
  ["readonly", 0x1],
  ["hidden", 0x2],
  ["system", 0x4],
  ["archive", 0x20],
  ["temporary", 0x100],
  ["not-indexed", 0x2000],
  // of links only: what they were made as
  ["directory", 0x10],
  ["junction", 0x400],
]);

export const READONLY = 0x1;
export const DIRECTORY = 0x10;
export const ARCHIVE = 0x20;
/** FILE_ATTRIBUTE_REPARSE_POINT; here it says that a link is a junction. */
export const JUNCTION = 0x400;
/** No attribute at all: 0 would say that nothing is to be changed. */
export const NORMAL = 0x80;
/** What can be set: all that is kept but for what links are. */
const settable = [...words.values()].reduce((all, bit) => all | bit) & ~(DIRECTORY | JUNCTION);

/** `hidden,archive`: the words of attributes, in a fixed order; "" for none. */
export function attributeWords(attributes: number): string {
  return [...words]
    .filter(([, bit]) => (attributes & bit) !== 0)
    .map(([word]) => word)
    .join(",");
}

/** The attributes that words say; words of newer versions say nothing. */
export function attributesOfWords(text: string): number {
  return text.split(",").reduce((attributes, word) => attributes | (words.get(word) ?? 0), 0);
}

/** What of some attributes can be given to a file. */
export function settableAttributes(attributes: number): number {
  return attributes & settable;
}
