/**
 * What long work tells whoever watches. Plain data, so that a terminal, a JSON stream and a browser can each show it.
 * Counters are running totals.
 */
export type ProgressEvent =
  | { readonly type: "phase"; readonly phase: string }
  | { readonly type: "totals"; readonly files: number; readonly bytes: number }
  | { readonly type: "progress"; readonly files: number; readonly bytes: number; readonly path?: string }
  | {
      readonly type: "item";
      readonly path: string;
      readonly status: "new" | "changed" | "unchanged" | "ok" | "updated" | "kept" | "removed" | "excluded";
    }
  | { readonly type: "error"; readonly path: string; readonly message: string; readonly code?: string }
  | { readonly type: "warning"; readonly message: string };

export type ProgressListener = (event: ProgressEvent) => void;
