import { spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makePackages, missing, releaseDay, run } from "./support/made.ts";
import { expectWorking, makeRoot, rootsLack, within } from "./support/roots.ts";

const lacking = missing("apt-get", "dpkg-deb");
const architecture = process.arch === "x64" ? "amd64" : "arm64";
const name = `plakar_0.0.4_linux_${architecture}`;
let folder: string;
let tarball: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-tarball-"));
  if (lacking.length > 0) return;
  [tarball = ""] = makePackages({ version: "0.0.4", only: ["tarball"], to: join(folder, "made") });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function unpack(into: string): string {
  mkdirSync(into, { recursive: true });
  run("tar", "--extract", "--gzip", "--file", tarball, "--directory", into);
  return into;
}

describe("the static tarball", () => {
  beforeEach((context) => context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`));

  test("holds one folder of root's files, in order and of the release's time", () => {
    expect(tarball.endsWith(`/${name}.tar.gz`)).toBe(true);
    const lines = run("tar", "--list", "--verbose", "--numeric-owner", "--gzip", "--file", tarball).trim().split("\n");
    const read = lines.map((line) => /^(\S+) +(\S+) +\d+ (\S+) \S+ (.+)$/.exec(line)?.slice(1) ?? []);
    const names = read.map(([, , , path = ""]) => path);
    expect(names).toStrictEqual(names.toSorted());
    expect(names.every((path) => path.startsWith(`${name}/`))).toBe(true);
    expect(new Set(read.map(([, owner, day]) => `${owner} ${day}`))).toStrictEqual(new Set([`0/0 ${releaseDay}`]));
    expect(read).toContainEqual(["-rwxr-xr-x", "0/0", releaseDay, `${name}/plakar`]);
    expect(names).toContain(`${name}/lib/licenses/SOURCES`);
  });

  test("runs from any folder, through links, and says what it cannot do", () => {
    const place = unpack(join(folder, "with a space"));
    symlinkSync(`${name}/plakar`, join(place, "relative"));
    symlinkSync(join(place, "relative"), join(folder, "absolute"));
    const start = (program: string, cwd = folder): { status: number | null; output: string } => {
      const { status, stdout, stderr } = spawnSync(program, ["version"], { cwd, encoding: "utf8" });
      return { status, output: stdout + stderr };
    };
    const right = { status: 0, output: "plakar 0.0.4\n" };
    expect(start(join(place, name, "plakar"))).toStrictEqual(right);
    expect(start("./plakar", join(place, name))).toStrictEqual(right);
    expect(start("./relative", place)).toStrictEqual(right);
    expect(start("./absolute")).toStrictEqual(right);
    const colon = unpack(join(folder, "a:b"));
    expect(start(join(colon, name, "plakar"))).toMatchObject({ status: 1, output: expect.stringContaining("a:b") });
  });
});

describe("in a root with nothing but a shell, the static tarball", () => {
  beforeEach((context) => {
    const lack = lacking.length > 0 ? `needs ${lacking.join(", ")}, which this machine has not` : rootsLack();
    context.skip(lack !== undefined, lack);
  });

  test("starts, saves and restores without /proc, /dev and /etc", () => {
    const root = unpack(makeRoot(join(folder, "bare")));
    expect(within(root, `/${name}/plakar`, "version")).toStrictEqual({ status: 0, output: "plakar 0.0.4\n" });
    expectWorking((...words) => within(root, `/${name}/plakar`, ...words), root);
  });

  test("brings what DNS, user names, time zones, locales and TLS need", async () => {
    const root = unpack(makeRoot(join(folder, "configured")));
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/passwd"), "kloset:x:4242:4242::/home/kloset:/bin/sh\n");
    writeFileSync(join(root, "etc/hosts"), "192.0.2.7 from-hosts\n");
    writeFileSync(join(root, "etc/resolv.conf"), `nameserver ${nameServer}\n`);
    const lib = join(root, name, "lib");
    // Node itself in the place of the program, which shows less of what libc answers
    copyFileSync(process.execPath, join(lib, "node"));
    const script = `
      process.setuid(4242);
      const { lookup } = require("node:dns/promises");
      (async () => console.log(JSON.stringify({
        user: require("node:os").userInfo().username,
        hosts: (await lookup("from-hosts")).address,
        dns: (await lookup("from-dns.example")).address,
        none: await lookup("nowhere.example").catch(({ code }) => code),
        zone: new Date(0).toString(),
        number: (1234.5).toLocaleString(),
        roots: require("node:tls").rootCertificates.length > 100,
      })))();`;
    const server = await answerNames({ "from-dns.example": [192, 0, 2, 9] });
    const loader = architecture === "amd64" ? "ld-linux-x86-64.so.2" : "ld-linux-aarch64.so.1";
    const inside = `/${name}/lib`;
    const words = [root, `${inside}/${loader}`, "--library-path", inside, `${inside}/node`, "-e", script];
    const child = spawn("/usr/sbin/chroot", words, {
      env: { TZ: "Pacific/Auckland", LC_ALL: "de_DE.UTF-8" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = Buffer.concat(await child.stdout.toArray());
    server.close();
    expect(JSON.parse(output.toString())).toStrictEqual({
      user: "kloset",
      hosts: "192.0.2.7",
      dns: "192.0.2.9",
      none: "ENOTFOUND",
      zone: "Thu Jan 01 1970 12:00:00 GMT+1200 (Neuseeland-Normalzeit)",
      number: "1.234,5",
      roots: true,
    });
  });
});

/** Nobody else listens there. */
const nameServer = "127.42.5.3";

/** A name server (RFC 1035) that knows a few IPv4 addresses, and that there is nothing else. */
async function answerNames(addresses: Readonly<Record<string, readonly number[]>>): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const labels: string[] = [];
    let end = 12;
    for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) {
      labels.push(query.toString("latin1", end + 1, end + 1 + length));
      end += 1 + length;
    }
    const isIPv4 = query.readUInt16BE(end + 1) === 1;
    const known = addresses[labels.join(".")];
    const question = query.subarray(12, end + 5);
    const answer = known && isIPv4 ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...known]) : Buffer.alloc(0);
    const flags = known ? 0x8180 : 0x8183; // an answer, or NXDOMAIN
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    for (const [index, value] of [flags, 1, answer.length > 0 ? 1 : 0].entries())
      header.writeUInt16BE(value, 2 + index * 2);
    socket.send(Buffer.concat([header, question, answer]), port, address);
  });
  socket.bind(53, nameServer);
  await once(socket, "listening");
  return socket;
}
