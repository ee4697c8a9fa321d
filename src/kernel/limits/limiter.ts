/**
 * Fixed windows, as the `X-RateLimit-*` headers promise them: a bucket counts up to its limit until
 * the window's end, then starts again at zero. Windows are aligned to the epoch, so that every node
 * agrees on their ends.
 */
export interface Usage {
  allowed: boolean;
  limit: number;
  /** Never negative. */
  remaining: number;
  /** Unix seconds at which the window ends. */
  resetAtS: number;
}

export interface Limiter {
  /** Counts `cost` in the bucket's current window, or refuses without counting. */
  take(bucket: string, limit: number, windowS: number, cost?: number): Promise<Usage>;
  close(): Promise<void>;
}
