/** Something that takes bytes from a store, and may answer them with nothing but a PlakarError. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid encodings, to be changed. */
  readonly seeds: readonly Uint8Array[];
  run(bytes: Uint8Array): unknown;
}
