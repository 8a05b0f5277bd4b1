declare const plaintextBrand: unique symbol;
declare const sealedBrand: unique symbol;

/** Content as it was saved. Its own type, so that it cannot be handed to a store by mistake. */
export type Plaintext = Uint8Array<ArrayBuffer> & { readonly [plaintextBrand]: true };
/** Content as it lies in a store: compressed and encrypted as CONFIG says. */
export type Sealed = Uint8Array<ArrayBuffer> & { readonly [sealedBrand]: true };
