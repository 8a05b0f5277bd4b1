import { askOnce } from "./connection.ts";
import { findPlace } from "./place.ts";
import { Answer, encodeFrame, Request } from "./protocol.ts";
import type { AgentStatus } from "./status.ts";

/** How the agent is; undefined when there is none. */
export async function askStatus(): Promise<AgentStatus | undefined> {
  const place = findPlace({ make: false });
  const answer = place && (await askOnce(place.socket, encodeFrame(Request.status)));
  if (answer?.kind !== Answer.done) return undefined;
  return JSON.parse(Buffer.from(answer.body).toString()) as AgentStatus;
}

/** Makes the agent forget everything and end; false when there is none. */
export async function stopAgent(): Promise<boolean> {
  const place = findPlace({ make: false });
  const answer = place && (await askOnce(place.socket, encodeFrame(Request.stop)));
  return answer?.kind === Answer.done;
}
