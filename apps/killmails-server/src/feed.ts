/** Where killmails come from without anybody publishing them. Can be started again after it was stopped. */
export interface Feed {
  start(): void;
  /** Resolves when nothing more of it will be published. */
  stop(): Promise<void>;
  readonly status: FeedStatus;
}

export interface FeedStatus {
  readonly source: 'r2z2' | 'demo';
  readonly state: string;
  /** The last killmail's place in the feed, where it has places. */
  readonly sequence?: number | undefined;
}
