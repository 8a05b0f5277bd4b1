/** Wall times as bars, for docs/benchmarks.md. */
import { cellOf, corporaIn, type Results } from "./results.ts";

const works = [
  ["first", "first backup"],
  ["again", "again, unchanged"],
  ["changed", "again, 1 % changed"],
  ["restore", "restore"],
  ["check", "check, all data"],
] as const;

const row = 15;
const labelWidth = 90;
const barWidth = 210;
const panel = { width: labelWidth + barWidth + 70, gap: 28 };

/** An SVG: a column for each tree, a group of bars for each work; the longest bar of a group is whole. */
export function renderChart(results: Results): string {
  const corpora = corporaIn(results);
  const groupHeight = results.peers.length * row + panel.gap;
  const [width, height] = [corpora.length * panel.width, works.length * groupHeight + 30];
  const parts = corpora.flatMap((corpus, column) => [
    text(column * panel.width + labelWidth, 14, corpus, 'font-weight="bold"'),
    ...works.map(([work, title], index) =>
      group(results, { corpus, work, title, x: column * panel.width, y: 36 + index * groupHeight }),
    ),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

interface Group {
  readonly corpus: string;
  readonly work: string;
  readonly title: string;
  readonly x: number;
  readonly y: number;
}

function group(results: Results, { corpus, work, title, x, y }: Group): string {
  const bars = results.peers.map(({ name }) => ({
    name,
    wallMs: cellOf(results, corpus, work, name)?.wallMs ?? 0,
  }));
  const longest = Math.max(...bars.map(({ wallMs }) => wallMs), 1);
  const lines = bars.flatMap(({ name, wallMs }, index) => {
    const top = y + 6 + index * row;
    const length = (wallMs / longest) * barWidth;
    const colour = name.startsWith("ours") ? "#1f6feb" : "#b6bec9";
    return [
      text(x + labelWidth - 6, top + 10, name, 'text-anchor="end"'),
      `<rect x="${x + labelWidth}" y="${top}" width="${length.toFixed(1)}" height="${row - 4}" fill="${colour}"/>`,
      text(x + labelWidth + length + 4, top + 10, `${(wallMs / 1000).toFixed(2)} s`),
    ];
  });
  return [text(x + labelWidth, y, title, 'fill="#57606a"'), ...lines].join("\n");
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${content}</text>`;
}
