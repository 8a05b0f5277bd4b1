/** What is compared: programs that back up. */

/** One call of a program; what it prints is of no interest unless it fails. */
export interface Call {
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Exit codes that are no failure; 0 alone where it is undefined. */
  readonly accept?: readonly number[];
}

/** Where a program keeps what it keeps, in one round. */
export interface Place {
  readonly store: string;
  /** HOME: settings and caches. */
  readonly home: string;
}

export interface Peer {
  readonly name: string;
  /** The program's own words. */
  readonly version: string;
  /** Everything that a user calls once, before the first backup. */
  create(place: Place): Call[];
  backup(place: Place, tree: string): Call;
  /** Restores what `backup` saw last into an empty directory. */
  restore(place: Place, tree: string, to: string): Call;
  /** Where the tree's content lies then. */
  restoredRoot(tree: string, to: string): string;
  /** Reads and verifies all data. */
  check(place: Place): Call;
  /** What a user called a moment ago: is called before each work but the creation, and not measured. */
  warmUp?(place: Place): Call;
  /** Ends what that left behind after each work, and answers what it took. */
  coolDown?(place: Place): Background | undefined;
  /** Ends what goes on in the background after a round, and answers what that took. */
  settle?(place: Place): Promise<Background | undefined>;
}

/** What works on beside the commands. */
export interface Background {
  readonly cpuMs: number;
  readonly peakBytes: number;
}

export const passphrase = "a passphrase for measuring";
