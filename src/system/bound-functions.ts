import type { DynamicLibrary, FunctionSignature } from "node:ffi";
import { errorOfCode } from "./system-error.ts";

/**
 * Functions of a library, each bound when it is first asked for. `open` throws where there is no such library; then, and
 * where it does not have the function, asking throws ENOTSUP.
 */
export function bindOnUse<F extends object>(
  open: () => DynamicLibrary,
  signatures: Readonly<Record<keyof F & string, FunctionSignature>>,
): <N extends keyof F & string>(name: N) => F[N] {
  const bound: Partial<F> = {};
  return (name) => {
    const known = bound[name];
    if (known) return known;
    try {
      const made = open().getFunction(name, signatures[name]) as unknown as F[typeof name];
      bound[name] = made;
      return made;
    } catch (cause) {
      throw errorOfCode("ENOTSUP", name, undefined, cause);
    }
  };
}
