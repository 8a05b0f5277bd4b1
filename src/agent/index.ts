// Agent: a process of this program that keeps derived keys (and merged states that have no other place) for half a minute,
// so that the next command need not make them again. It starts by itself, ends by itself, and nothing depends on it.
export { KeyAgent } from "./client.ts";
export { closeInherited, readFirstRequest } from "./inherited.ts";
export { askStatus, stopAgent } from "./questions.ts";
export { keyMemory, serveAgent } from "./service.ts";
