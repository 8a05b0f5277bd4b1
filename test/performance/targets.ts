/** How many times a peer's wall time is wanted to be ours, at least. Undefined: it would be good, and is not asked for. */
type Ratios = Readonly<Record<string, number | undefined>>;

export interface Target {
  readonly what: string;
  readonly work: string;
  /** Meant with the agent holding the key; without it is told beside it. */
  readonly warm?: boolean;
  /** All of them where it is undefined. */
  readonly corpus?: string;
  readonly ratios: Ratios;
}

/** Cells that are a stretch have reached what is wanted at 1. */
const stretch = 1;

export const targets: readonly Target[] = [
  {
    ...{ what: "first backup, source files", work: "first", corpus: "source" },
    ratios: { Plakar: 8, restic: 1.5, borg: 1.3, kopia: 1.1, rustic: 2.2 },
  },
  {
    ...{ what: "first backup, tiny files", work: "first", corpus: "tiny" },
    ratios: { Plakar: 9, restic: 1.5, borg: 2.7, kopia: 1.2, rustic: 5 },
  },
  {
    ...{ what: "first backup, big file", work: "first", corpus: "big" },
    ratios: { Plakar: 2.5, restic: 1.8, borg: 1.1, kopia: stretch, rustic: 1.2 },
  },
  {
    what: "again, unchanged",
    work: "again",
    warm: true,
    ratios: { Plakar: 10, restic: 3, borg: 3, kopia: 1.3, rustic: 2 },
  },
  {
    what: "again, 1 % changed",
    work: "changed",
    warm: true,
    ratios: { Plakar: 8, restic: 2, borg: 2, kopia: 1.1, rustic: 2 },
  },
  {
    ...{ what: "restore, source files", work: "restore", corpus: "source" },
    ratios: { Plakar: 3, restic: 1.1, borg: 1.5, kopia: 1.5, rustic: 1 },
  },
  {
    ...{ what: "restore, tiny files", work: "restore", corpus: "tiny" },
    ratios: { Plakar: 6, restic: stretch, borg: 2, kopia: 3, rustic: stretch },
  },
  {
    ...{ what: "restore, big file", work: "restore", corpus: "big" },
    ratios: { Plakar: 4, restic: 1.2, borg: 2.5, kopia: 3, rustic: stretch },
  },
  { what: "check, all data", work: "check", ratios: { Plakar: 4, restic: 1.1, borg: 1.2, kopia: 1, rustic: stretch } },
];
