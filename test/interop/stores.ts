/** The kinds of store that both programs must read and write, whoever of them made it. */
export interface StoreKind {
  readonly title: string;
  readonly creator: "us" | "Go";
  /** For `create`, the same in both programs. */
  readonly flags: readonly string[];
}

const kinds: readonly { readonly what: string; readonly flags: readonly string[] }[] = [
  { what: "plaintext store", flags: ["-plaintext"] },
  { what: "encrypted store", flags: [] },
  { what: "plaintext SHA256 store", flags: ["-plaintext", "-hashing", "SHA256"] },
  { what: "uncompressed encrypted store", flags: ["-no-compression"] },
];

const creators: readonly StoreKind["creator"][] = ["us", "Go"];

export const everyStore: readonly StoreKind[] = creators.flatMap((creator) =>
  kinds.map(({ what, flags }) => ({ title: `${creator === "us" ? "our" : "Go's"} ${what}`, creator, flags })),
);

/** Where the way of sealing makes no difference to what is tested: a plaintext one of ours, an encrypted one of Go's. */
export const twoStores: readonly StoreKind[] = everyStore.filter(({ title }) =>
  ["our plaintext store", "Go's encrypted store"].includes(title),
);
