import { hasNative, native } from "./native.ts";

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** The user whose process is at the other end of a local socket; undefined where the system cannot be asked. */
export function peerUserId(descriptor: number): number | undefined {
  if (!hasNative("getsockopt")) return undefined;
  // struct ucred: process, user, group, 32 bits each
  const credentials = new DataView(new ArrayBuffer(12));
  const length = new Uint32Array([credentials.byteLength]);
  const answer = native("getsockopt")(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
  return answer === 0 ? credentials.getUint32(4, true) : undefined;
}
