/** A release on GitHub: a draft that is filled until it has exactly our files, and only then shown. */
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { Octokit } from "octokit";
import { digestOf } from "../support/digest.ts";
import { ScriptError } from "../support/script-error.ts";
import { withRetries } from "./retries.ts";

export interface GithubOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** Another server than GitHub's own. */
  readonly baseUrl?: string;
  readonly say: (line: string) => void;
  readonly pause?: (ms: number) => Promise<unknown>;
}

export interface ReleaseContent {
  readonly tag: string;
  /** The commit that the tag is put on. */
  readonly commit: string;
  readonly notes: string;
  readonly files: readonly string[];
}

interface Asset {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly digest?: string | null;
}

interface Release {
  readonly id: number;
  readonly tag_name: string;
  readonly draft: boolean;
  readonly upload_url: string;
  readonly assets: readonly Asset[];
}

/** Pages of this many are asked for. */
const PAGE = 100;

export class GithubReleases {
  readonly #octokit: Octokit;
  readonly #place: { readonly owner: string; readonly repo: string };
  readonly #say: GithubOptions["say"];
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor({ repository, token, baseUrl, say, pause = wait }: GithubOptions) {
    const [owner, repo] = repository.split("/");
    if (!owner || !repo) throw new ScriptError(`release: "${repository}" is not owner/name of a repository`, 2);
    // octokit's own repetitions would send an upload twice: what may be repeated is known here
    const own = { retry: { enabled: false }, throttle: { enabled: false }, userAgent: "plakar-release" };
    this.#octokit = new Octokit({ auth: token, ...own, ...(baseUrl !== undefined && { baseUrl }) });
    this.#place = { owner, repo };
    this.#say = say;
    this.#pause = pause;
  }

  /** Versions that everybody sees, as their tags say. */
  async publishedTags(): Promise<string[]> {
    return (await this.#list()).filter(({ draft }) => !draft).map(({ tag_name: tag }) => tag);
  }

  /**
   * Sees to it that there is one draft of a tag, and that its assets are exactly the files: what is there already and has
   * the right digest is not sent again. A published release that has all of them is left as it is; one with other bytes is an error.
   */
  async prepare(content: ReleaseContent): Promise<"drafted" | "published before"> {
    const ours = (await this.#list()).filter(({ tag_name: tag }) => tag === content.tag);
    const published = ours.find(({ draft }) => !draft);
    if (published) {
      requireSame(published, content);
      return "published before";
    }
    const draft = await this.#oneDraft(ours, content);
    const wanted = new Map(content.files.map((file) => [basename(file), file]));
    for (const asset of draft.assets) {
      const file = wanted.get(asset.name);
      if (file !== undefined && isWhole(asset, file)) wanted.delete(asset.name);
      else await this.#removeAsset(asset);
    }
    for (const file of wanted.values()) await this.#upload(draft, file);
    const filled = await this.#read(draft.id);
    requireSame(filled, content);
    return "drafted";
  }

  /** Shows a filled draft to everybody. Nothing happens to one that is shown already. */
  async publish(content: ReleaseContent): Promise<void> {
    const ours = (await this.#list()).filter(({ tag_name: tag }) => tag === content.tag);
    const [release] = [...ours].toSorted((a, b) => Number(a.draft) - Number(b.draft));
    if (!release) throw new ScriptError(`release: there is no draft of ${content.tag}: run the release again`);
    requireSame(release, content);
    if (!release.draft) return;
    const isCandidate = content.tag.includes("-");
    await this.#try("publishing", () =>
      this.#octokit.rest.repos.updateRelease({
        ...this.#place,
        release_id: release.id,
        draft: false,
        prerelease: isCandidate,
        make_latest: isCandidate ? "false" : "true",
      }),
    );
    const shown = await this.#read(release.id);
    if (shown.draft) throw new ScriptError(`release: ${content.tag} is still a draft after it was published`);
  }

  /** By the list, since asking for a tag does not find drafts. */
  #list(): Promise<Release[]> {
    return this.#try("listing releases", () =>
      this.#octokit.paginate(this.#octokit.rest.repos.listReleases, { ...this.#place, per_page: PAGE }),
    );
  }

  async #read(id: number): Promise<Release> {
    const { data } = await this.#try("reading the release", () =>
      this.#octokit.rest.repos.getRelease({ ...this.#place, release_id: id }),
    );
    return data;
  }

  /** The oldest draft; others, which runs side by side may have made, are removed. */
  async #oneDraft(ours: readonly Release[], { tag, commit, notes }: ReleaseContent): Promise<Release> {
    const [first, ...others] = [...ours].toSorted((a, b) => a.id - b.id);
    for (const { id } of others)
      await this.#try("removing a second draft", () =>
        this.#octokit.rest.repos.deleteRelease({ ...this.#place, release_id: id }),
      );
    const text = { name: tag, body: notes, target_commitish: commit };
    if (first) {
      const { data } = await this.#try("renewing the draft", () =>
        this.#octokit.rest.repos.updateRelease({ ...this.#place, release_id: first.id, ...text }),
      );
      return data;
    }
    return this.#try("making a draft", async () => {
      // an attempt whose answer was lost may have made it
      const made = (await this.#list()).find((each) => each.tag_name === tag && each.draft);
      if (made) return made;
      const { data } = await this.#octokit.rest.repos.createRelease({
        ...this.#place,
        tag_name: tag,
        draft: true,
        ...text,
      });
      return data;
    });
  }

  async #removeAsset({ id, name }: Asset): Promise<void> {
    this.#say(`      removing ${name}, which is not what it should be`);
    await this.#try(`removing ${name}`, () =>
      this.#octokit.rest.repos.deleteReleaseAsset({ ...this.#place, asset_id: id }),
    );
  }

  async #upload(draft: Release, file: string): Promise<void> {
    const name = basename(file);
    this.#say(`      uploading ${name}`);
    await this.#try(`uploading ${name}`, async () => {
      try {
        await this.#send(draft, name, file);
      } catch (error) {
        // what was cut off blocks the name, and may even have arrived whole
        const left = (await this.#read(draft.id)).assets.find((asset) => asset.name === name);
        if (left && isWhole(left, file)) return;
        if (left) await this.#octokit.rest.repos.deleteReleaseAsset({ ...this.#place, asset_id: left.id });
        throw error;
      }
    });
  }

  async #send(draft: Release, name: string, file: string): Promise<void> {
    await this.#octokit.request({
      method: "POST",
      url: draft.upload_url,
      name,
      data: Readable.toWeb(createReadStream(file)),
      headers: { "content-type": "application/octet-stream", "content-length": statSync(file).size },
      request: { duplex: "half" },
    });
  }

  async #try<T>(what: string, action: () => Promise<T>): Promise<T> {
    const onFailure = (reason: string, ms: number): void =>
      this.#say(`      ${what}: ${reason}; again in ${Math.ceil(ms / 1000)} s`);
    try {
      return await withRetries(action, { pause: this.#pause, onFailure });
    } catch (error) {
      if (!(error instanceof Error) || error instanceof ScriptError) throw error;
      throw new ScriptError(
        `release: ${what} failed: ${error.message.split("\n")[0]}\nIs there a network, and may the token do this? Run it again: what is done is not done again.`,
      );
    }
  }
}

function isWhole({ state, digest }: Asset, file: string): boolean {
  return state === "uploaded" && digest === `sha256:${digestOf(file)}`;
}

function requireSame({ assets, tag_name: tag }: Release, { files }: ReleaseContent): void {
  const wanted = new Map(files.map((file) => [basename(file), file]));
  const wrong = assets.filter((asset) => {
    const file = wanted.get(asset.name);
    wanted.delete(asset.name);
    return file === undefined || !isWhole(asset, file);
  });
  const names = [...wrong.map(({ name }) => name), ...wanted.keys()];
  if (names.length === 0) return;
  throw new ScriptError(
    `release: ${tag} on GitHub does not have the files of this release: ${names.join(", ")}. What is published is never changed: release another version.`,
  );
}
