import {
  createEngine,
  type Engine,
  type EngineOptions,
  type Gateway,
  type Identity,
  type Mount,
  type SessionLimits,
  silentLogger,
  textFrame,
} from '@roomcast/engine';

interface ChatEvent {
  room: string;
  text: string;
}

export interface ChatGateway extends Gateway<ChatEvent> {
  /** What was received here, in order. */
  readonly seen: string[];
}

export interface ChatOptions extends SessionLimits {
  name?: string;
  path?: string;
  /** Holds the event loop for so long in each `parse`, in milliseconds. */
  parseMs?: number;
}

/** The smallest gateway: `?user=` tells who somebody is, each message is the name of a room to join. */
export function chatGateway(engine: Engine, options: ChatOptions = {}): ChatGateway {
  const { name = 'chat', path = '/ws', parseMs = 0, ...limits } = options;
  const seen: string[] = [];
  const mount: Mount<null, ChatEvent> = engine.mount<null, ChatEvent>({
    ...limits,
    name,
    paths: path,
    wire: {
      accept: ({ query }) => {
        const user = query.get('user');
        const identity: Identity | undefined = user === null ? undefined : { id: user };
        return identity === undefined ? { data: null } : { data: null, identity };
      },
      message: async (session, message) => {
        await session.join(String(message), { topic: 'all' });
        session.reply(textFrame(`joined ${message}`));
      },
    },
    receive: (event) => {
      seen.push(event.text);
      mount.deliver({ rooms: [event.room] }, { encode: () => textFrame(event.text) });
    },
  });
  void mount.follow('all');
  return {
    name,
    mount,
    seen,
    parse(input) {
      const until = performance.now() + parseMs;
      while (performance.now() < until);
      const issues = [];
      const { room, text } = (input ?? {}) as Record<string, unknown>;
      if (typeof input !== 'object' || input === null)
        return { ok: false, issues: [{ path: '', message: 'expected an object' }] };
      if (typeof room !== 'string') issues.push({ path: 'room', message: 'expected a string' });
      if (typeof text !== 'string') issues.push({ path: 'text', message: 'expected a string' });
      if (issues.length > 0) return { ok: false, issues };
      return { ok: true, event: { room: room as string, text: text as string } };
    },
    publish: (event) => mount.publish('all', event),
  };
}

export function quietEngine(options: EngineOptions = {}): Engine {
  return createEngine({ logger: silentLogger, ...options });
}
