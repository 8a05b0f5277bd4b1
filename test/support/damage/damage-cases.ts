import { changed, type ImagePath, type StoreImage } from "./store-image.ts";

export const manners = ["flipped", "cut", "removed", "zeroed", "swapped", "replaced"] as const;
export type Manner = (typeof manners)[number];

/** One way in which a store is damaged. */
export interface DamageCase {
  readonly manner: Manner;
  /** The damaged files as they are now; undefined for one that is gone. */
  readonly files: ReadonlyMap<ImagePath, Uint8Array | undefined>;
  /** For messages: `flipped packfiles/1a2b3c4d at 77`. */
  readonly title: string;
}

export const CUT_STEP_BYTES = 512;

/** Which of the many are taken. */
interface Choice {
  flip(): boolean;
  cut(): boolean;
}

const all: Choice = { flip: () => true, cut: () => true };

/** Every case of a store, in order. They are made one by one: together they would be gigabytes. */
export function* damageCases(image: StoreImage, choice: Choice = all): Generator<() => DamageCase> {
  for (const [path, bytes] of image) {
    for (let at = 0; at < bytes.length; at++) {
      if (choice.flip()) yield () => one("flipped", path, flipped(bytes, at), ` at ${at}`);
    }
    for (let length = 0; length < bytes.length; length += CUT_STEP_BYTES) {
      if (length === 0 || choice.cut()) yield () => one("cut", path, bytes.slice(0, length), ` to ${length}`);
    }
    yield () => one("removed", path, undefined);
    yield () => one("zeroed", path, new Uint8Array(bytes.length));
    for (const other of image.keys()) {
      if (other === path || kindOf(other) !== kindOf(path)) continue;
      yield () => one("replaced", path, image.get(other), ` by ${short(other)}`);
      if (other > path) yield () => swap(image, path, other);
    }
  }
}

/** The image as a case leaves it. */
export function damagedBy({ files }: DamageCase, image: StoreImage): StoreImage {
  let damaged = image;
  for (const [path, bytes] of files) damaged = changed(damaged, path, bytes);
  return damaged;
}

/** One bit, another one at each place, so that all eight have their turn. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ (1 << (at % 8));
  return copy;
}

function one(manner: Manner, path: ImagePath, bytes: Uint8Array | undefined, detail = ""): DamageCase {
  return { manner, files: new Map([[path, bytes]]), title: `${manner} ${short(path)}${detail}` };
}

function swap(image: StoreImage, first: ImagePath, second: ImagePath): DamageCase {
  const files = new Map([
    [first, image.get(second)],
    [second, image.get(first)],
  ]);
  return { manner: "swapped", files, title: `swapped ${short(first)} and ${short(second)}` };
}

export function kindOf(path: ImagePath): string {
  return path.split("/")[0] as string;
}

function short(path: ImagePath): string {
  const [kind = "", id] = path.split("/");
  return id === undefined ? kind : `${kind}/${id.slice(0, 8)}`;
}
