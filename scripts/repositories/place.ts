import { directoryPlace, gitBranchPlace, type Place, s3Place } from "../../packaging/repositories/index.ts";
import { ScriptError } from "../support/script-error.ts";

/** A place by the way it is written on the command line. */
export async function openPlace(name: string, timeSeconds: number): Promise<Place> {
  if (name.startsWith("s3://")) return openBucket(name);
  return name.startsWith("git:") ? openBranch(name, timeSeconds) : directoryPlace(name);
}

/** `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`; credentials are where every tool for S3 looks for them. */
function openBucket(name: string): Place {
  const url = URL.parse(name);
  const region = url?.searchParams.get("region") ?? process.env["AWS_REGION"] ?? "us-east-1";
  const endpoint = url?.searchParams.get("endpoint") ?? `https://s3.${region}.amazonaws.com`;
  if (url === null || url.hostname === "" || !URL.canParse(endpoint))
    throw new ScriptError(`repositories: "${name}" is not s3://BUCKET/PREFIX?endpoint=URL (--help says more)`, 2);
  return s3Place({
    endpoint,
    bucket: url.hostname,
    prefix: url.pathname.slice(1),
    region,
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
    sessionToken: process.env["AWS_SESSION_TOKEN"],
  });
}

/** `git:REPOSITORY#BRANCH`, for GitHub Pages. */
async function openBranch(name: string, timeSeconds: number): Promise<Place> {
  const [repository = "", branch = ""] = name.slice("git:".length).split("#");
  if (repository === "" || branch === "")
    throw new ScriptError(`repositories: "${name}" is not git:REPOSITORY#BRANCH (--help says more)`, 2);
  const author = { name: "Plakar repositories", email: "repositories@plakar.invalid" };
  return gitBranchPlace({ repository, branch, workFolder: ".cache/repositories.git", author, timeSeconds });
}

function required(variable: string): string {
  const value = process.env[variable] ?? "";
  if (value === "") throw new ScriptError(`repositories: ${variable} is not set, and the storage wants it`);
  return value;
}
