import { apkClient } from "./apk.ts";
import { aptClient } from "./apt.ts";
import { archiveClient } from "./archive.ts";
import type { Client } from "./client.ts";
import { dnfClient } from "./dnf.ts";

/** In the order in which they are tried: what takes least comes first. */
export const clients: readonly Client[] = [archiveClient, aptClient, dnfClient, apkClient];
