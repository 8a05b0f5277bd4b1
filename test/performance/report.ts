/** Results as tables for people: medians, and how they compare. */
import { renderChart } from "./chart.ts";
import { backgroundOf, cellOf, corporaIn, type Results } from "./results.ts";
import { type Target, targets } from "./targets.ts";

export function renderReport(results: Results): { table: string; chart: string } {
  const { peers, rounds, machine, missing } = results;
  const sections = [
    `${machine}. Medians of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}.`,
    peers.map(({ name, version }) => `- ${name}: ${version}`).join("\n"),
    ...(missing.length > 0 ? [missing.map((line) => `- ${line}`).join("\n")] : []),
    `## Peer's wall time divided by ours (above 1: we are faster)\n\n${ratioTable(results)}`,
    ...corporaIn(results).map((corpus) => `## ${corpus}: wall s / CPU-s / peak MB\n\n${costTable(results, corpus)}`),
    `## What goes on beside the commands\n\n${backgroundTable(results)}`,
    `## Store after the first backup, MB\n\n${storeTable(results)}`,
  ];
  return { table: `${sections.join("\n\n")}\n`, chart: renderChart(results) };
}

/** Each of the targets, by tree; a cell that falls short of its target bears it. */
function ratioTable(results: Results): string {
  const rows = targets.flatMap((target) => {
    const { what, warm, corpus } = target;
    const corpora = corporaIn(results).filter((each) => corpus === undefined || corpus === each);
    return corpora.flatMap((each) => {
      const title = corpus === undefined ? `${what}, ${each}` : what;
      const cold = { title, ours: "ours", corpus: each };
      if (!warm) return [ratioRow(results, target, cold)];
      const rowOf = { ...cold, title: `${title}, warm`, ours: "ours, warm" };
      const untargeted = { ...target, ratios: {} };
      return [ratioRow(results, target, rowOf), ratioRow(results, untargeted, { ...cold, title: `${title}, cold` })];
    });
  });
  return markdown(["work", ...othersIn(results)], rows);
}

interface Row {
  readonly title: string;
  readonly ours: string;
  readonly corpus: string;
}

function ratioRow(results: Results, { work, ratios }: Target, { title, ours, corpus }: Row): string[] {
  const own = cellOf(results, corpus, work, ours);
  const cells = othersIn(results).map((peer) => {
    const theirs = cellOf(results, corpus, work, peer);
    return own && theirs ? ratioCell(theirs.wallMs / own.wallMs, ratios[peer]) : "";
  });
  return [title, ...cells];
}

function ratioCell(ratio: number, wanted: number | undefined): string {
  const shown = ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2);
  return wanted !== undefined && ratio < wanted ? `${shown} (of ${wanted})` : shown;
}

function costTable(results: Results, corpus: string): string {
  const works = ["create", "first", "again", "changed", "restore", "check"];
  const rows = results.peers.map(({ name }) => [
    name,
    ...works.map((work) => {
      const cell = cellOf(results, corpus, work, name);
      if (!cell) return "";
      return `${seconds(cell.wallMs)} / ${seconds(cell.cpuMs)} / ${megabytes(cell.peakBytes)}`;
    }),
  ]);
  return markdown(["", ...works], rows);
}

function backgroundTable(results: Results): string {
  const rows = results.peers.flatMap(({ name }) =>
    corporaIn(results).flatMap((corpus) => {
      const cell = backgroundOf(results, corpus, name);
      return cell ? [[name, corpus, seconds(cell.cpuMs), megabytes(cell.peakBytes)]] : [];
    }),
  );
  return rows.length === 0 ? "Nothing." : markdown(["", "tree", "CPU-s of a round", "peak MB"], rows);
}

function storeTable(results: Results): string {
  const corpora = corporaIn(results);
  const rows = results.peers.map(({ name }) => [
    name,
    ...corpora.map((corpus) => megabytes(cellOf(results, corpus, "store", name)?.storeBytes ?? 0)),
  ]);
  return markdown(["", ...corpora], rows);
}

/** Whom we compare with; another way of calling this program is not one of them. */
function othersIn({ peers }: Results): string[] {
  return peers.map(({ name }) => name).filter((name) => !name.startsWith("ours"));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
