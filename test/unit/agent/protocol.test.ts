import { expect, test } from "vitest";
import { encodeFrame, FrameReader, Request, requestLimit, splitBody } from "../../../src/agent/protocol.ts";

function reader(): FrameReader {
  return new FrameReader(requestLimit);
}

test("a frame comes back however it is cut into parts", () => {
  const frame = encodeFrame(Request.get, Buffer.from("identity"), Buffer.from("verifier"));
  for (let size = 1; size <= frame.length; size++) {
    const reading = reader();
    let found: ReturnType<FrameReader["add"]>;
    for (let at = 0; at < frame.length; at += size) {
      expect(found).toBeUndefined();
      found = reading.add(frame.slice(at, at + size));
    }
    expect(found).toStrictEqual({ kind: Request.get, body: new Uint8Array(Buffer.from("identityverifier")) });
  }
});

test.each([
  ["no length at all", Buffer.from([0, 0, 0, 0, 1])],
  ["more than a request has", Buffer.from([1, 4, 0, 0, 1])],
  ["all that 32 bits can say", Buffer.from([255, 255, 255, 255, 1])],
  ["words of another protocol", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["more than one request at once", Buffer.concat([encodeFrame(Request.status), encodeFrame(Request.status)])],
])("%s is refused, and so is all that follows", (_, bytes) => {
  const reading = reader();
  expect(reading.add(bytes)).toBe(false);
  expect(reading.add(encodeFrame(Request.status))).toBe(false);
});

test("what has been read is overwritten where it arrived", () => {
  const frame = encodeFrame(Request.put, Buffer.from("a secret"));
  reader().add(frame);
  expect(frame.every((byte) => byte === 0)).toBe(true);
});

test("a body is split by lengths, or not at all", () => {
  const body = new Uint8Array([1, 2, 3, 4]);
  expect(splitBody(body, 1, 2)).toStrictEqual([body.subarray(0, 1), body.subarray(1, 3), body.subarray(3)]);
  expect(splitBody(body, 1, 4)).toBeUndefined();
});
