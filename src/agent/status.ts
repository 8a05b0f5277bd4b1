/** What an agent says of itself. */
export interface AgentStatus {
  /** Its number in the system. */
  readonly process: number;
  /** Keys and states that it holds. */
  readonly keys: number;
  readonly states: number;
  /** Keys that it has given, and requests with a wrong passphrase that it has refused. */
  readonly given: number;
  readonly refused: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly cpuMs: number;
  /** Its keys are kept out of the swap. */
  readonly locked: boolean;
  /** It writes no core file, and no other process of the user may look into it. */
  readonly private: boolean;
}
