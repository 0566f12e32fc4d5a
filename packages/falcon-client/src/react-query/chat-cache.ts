import { type FalconClient, type Gap, type ServerMessage, threadRoom } from '@roomcast/falcon-client';
import { hashKey, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query';
import {
  type ChatFormat,
  type ChatMessage,
  chatFormat,
  withMessage,
  withMissingMessage,
  withoutMessage,
  withPresence,
  withThread,
} from './chat-data.js';

/** Queries that are kept up to date: those whose key begins with `key`. */
export interface Binding extends ChatFormat {
  readonly of: 'messages' | 'threads' | 'contacts';
  readonly key: QueryKey;
  /** Of `messages`: the queries are of this thread; else the thread's id follows in the key. */
  readonly threadId?: string;
}

/** Makes new data of a query's; the data itself where nothing changes. */
type Change = (data: unknown) => unknown;

interface Replay {
  readonly change: Change;
  /** Whether it is over with the fetch that is under way; else whoever added it takes it away. */
  readonly once: boolean;
}

/** Keeps the queries of one query client up to date by what one client hears. All bindings of the two share one. */
export class ChatCache {
  readonly #bindings = new Map<string, { readonly binding: Binding; users: number }>();
  /** What a fetch that is under way does not know of, by the query's hash. */
  readonly #replays = new Map<string, Set<Replay>>();
  #stops: (() => void)[] = [];

  constructor(
    private readonly client: FalconClient,
    private readonly queries: QueryClient,
  ) {}

  /** Returns the way to end it, which may be called again. The same binding added twice is one. */
  add(binding: Binding): () => void {
    const name = hashKey([binding.of, binding.key, binding.threadId]);
    const entry = this.#bindings.get(name) ?? { binding, users: 0 };
    entry.users += 1;
    this.#bindings.set(name, entry);
    if (this.#stops.length === 0) this.#start();
    let isBound = true;
    return () => {
      if (!isBound) return;
      isBound = false;
      entry.users -= 1;
      // Later: React takes effects back and runs them again.
      queueMicrotask(() => {
        if (entry.users === 0 && this.#bindings.get(name) === entry) this.#bindings.delete(name);
        if (this.#bindings.size === 0) this.#stop();
      });
    };
  }

  /**
   * Shows a message that is being sent.
   * @returns what is called when it was acknowledged, and what takes it away when it was not
   */
  showPending(threadId: string, message: ChatMessage): { done(): void; remove(): void } {
    const sent = { ...message, from: this.client.connectionId, timestamp: new Date().toISOString() };
    const shown = this.#queriesOf('messages', threadId).map(({ query, format }) => {
      const pending = { ...format.toMessage(sent, threadId), pending: true };
      this.#set(query, (data) => withMessage(data, pending, format));
      const replay = { change: (data: unknown) => withMissingMessage(data, pending, format), once: false };
      this.#replayLater(query, replay);
      const done = () => this.#endReplay(query, replay);
      return {
        done,
        remove: () => {
          done();
          this.#change(query, (data) => withoutMessage(data, format.idOf(pending), format));
        },
      };
    });
    return {
      done: () => {
        for (const { done } of shown) done();
      },
      remove: () => {
        for (const { remove } of shown) remove();
      },
    };
  }

  #start(): void {
    this.#stops = [
      this.client.on('message', (message) => this.#message(message)),
      this.client.on('presence', ({ data }) => this.#presence(new Map([[data.userId, data]]))),
      this.client.on('room_update', ({ room, data }) => {
        const threadId = threadOf(room ?? data.room_id);
        const isOfMembers = ['member_joined', 'member_left', 'member_count'].includes(data.action);
        if (threadId !== undefined && !isOfMembers) this.#invalidate(this.#queriesOf('threads'));
      }),
      this.client.on('gap', (gap) => this.#gap(gap)),
      this.queries.getQueryCache().subscribe(({ type, query, ...event }) => {
        if (type === 'removed') this.#replays.delete(query.queryHash);
        const action = 'action' in event ? event.action : undefined;
        if (type !== 'updated' || action === undefined) return;
        if (action.type === 'success' && action.manual !== true) this.#fetched(query);
        else if (action.type === 'error') this.#forget(query);
      }),
    ];
  }

  #stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#replays.clear();
  }

  #message(message: ServerMessage<'message'>): void {
    const threadId = threadOf(message.room);
    if (threadId === undefined) return;
    for (const { query, format } of this.#queriesOf('messages', threadId)) {
      const cached = format.toMessage(message, threadId);
      this.#set(query, (data) => withMessage(data, cached, format));
      this.#replayIfFetching(query, (data) => withMissingMessage(data, cached, format));
    }
    for (const { query, format } of this.#queriesOf('threads')) {
      const cached = format.toMessage(message, threadId);
      this.#change(query, (data) =>
        withThread(data, threadId, (thread) => format.updateThread(thread, cached, message.timestamp)),
      );
    }
  }

  #presence(presence: FalconClient['presence']): void {
    for (const { query, format } of this.#queriesOf('contacts')) {
      this.#set(query, (data) => withPresence(data, presence, format));
    }
  }

  /** What was fetched may be older than what was heard meanwhile. */
  #fetched(query: Query): void {
    for (const { change } of this.#replays.get(query.queryHash) ?? []) this.#set(query, change);
    this.#forget(query);
    for (const { query: bound, format } of this.#queriesOf('contacts')) {
      if (bound === query) this.#set(query, (data) => withPresence(data, this.client.presence, format));
    }
  }

  #gap({ room }: Gap): void {
    const threadId = threadOf(room);
    if (room === undefined) {
      this.#invalidate([...this.#queriesOf('messages'), ...this.#queriesOf('threads'), ...this.#queriesOf('contacts')]);
    } else if (threadId !== undefined) {
      this.#invalidate([...this.#queriesOf('messages', threadId), ...this.#queriesOf('threads')]);
    }
  }

  /** Each query once, whatever bindings it has. */
  #invalidate(bound: readonly { readonly query: Query }[]): void {
    const hashes = new Set(bound.map(({ query }) => query.queryHash));
    if (hashes.size === 0) return;
    const predicate = ({ queryHash, state }: Query) =>
      hashes.has(queryHash) && (state.data !== undefined || state.fetchStatus !== 'idle');
    // Queries tell of their own errors.
    void this.queries.invalidateQueries({ predicate }).catch(() => {});
  }

  /** Changes what there is, and what a fetch under way will bring. */
  #change(query: Query, change: Change): void {
    this.#set(query, change);
    this.#replayIfFetching(query, change);
  }

  #replayIfFetching(query: Query, change: Change): void {
    if (query.state.fetchStatus !== 'idle') this.#replayLater(query, { change, once: true });
  }

  #replayLater(query: Query, replay: Replay): void {
    const replays = this.#replays.get(query.queryHash) ?? new Set();
    this.#replays.set(query.queryHash, replays.add(replay));
  }

  #endReplay({ queryHash }: Query, replay: Replay): void {
    const replays = this.#replays.get(queryHash);
    replays?.delete(replay);
    if (replays?.size === 0) this.#replays.delete(queryHash);
  }

  /** The fetch is over. */
  #forget(query: Query): void {
    for (const replay of [...(this.#replays.get(query.queryHash) ?? [])]) {
      if (replay.once) this.#endReplay(query, replay);
    }
  }

  /** What is set by hand must not make a query look fresher than it is: neither fetched now, nor valid again. */
  #set(query: Query, change: Change): void {
    const { data, dataUpdatedAt, isInvalidated } = query.state;
    if (data === undefined) return;
    const changed = change(data);
    if (changed === data) return;
    this.queries.setQueryData(query.queryKey, changed, { updatedAt: dataUpdatedAt });
    if (isInvalidated) query.invalidate();
  }

  /** @param threadId only of this thread, where it is one */
  #queriesOf(of: Binding['of'], threadId?: string): { query: Query; format: Required<ChatFormat> }[] {
    const found = new Map<string, { query: Query; format: Required<ChatFormat> }>();
    for (const { binding } of this.#bindings.values()) {
      if (binding.of !== of) continue;
      const isOther = threadId !== undefined && binding.threadId !== undefined && binding.threadId !== threadId;
      if (isOther) continue;
      const isBelow = threadId !== undefined && binding.threadId === undefined;
      const queryKey = isBelow ? [...binding.key, threadId] : binding.key;
      for (const query of this.queries.getQueryCache().findAll({ queryKey })) {
        if (!found.has(query.queryHash)) found.set(query.queryHash, { query, format: formatOf(binding) });
      }
    }
    return [...found.values()];
  }
}

const caches = new WeakMap<FalconClient, WeakMap<QueryClient, ChatCache>>();

/** The one of a client and a query client. */
export function chatCacheOf(client: FalconClient, queries: QueryClient): ChatCache {
  const ofClient = caches.get(client) ?? new WeakMap<QueryClient, ChatCache>();
  caches.set(client, ofClient);
  const cache = ofClient.get(queries) ?? new ChatCache(client, queries);
  ofClient.set(queries, cache);
  return cache;
}

function formatOf(binding: Binding): Required<ChatFormat> {
  const given = Object.entries(binding).filter(([, value]) => value !== undefined);
  return { ...chatFormat, ...Object.fromEntries(given) };
}

/** The thread whose room it is. */
function threadOf(room: string | undefined): string | undefined {
  const prefix = threadRoom('');
  return room?.startsWith(prefix) ? room.slice(prefix.length) : undefined;
}
