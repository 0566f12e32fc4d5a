import type { Clock, Logger, Spread } from '@roomcast/engine';
import type { Killmail, Names } from '@roomcast/killmails-protocol';
import { dataFile } from './data.js';
import { DemoFeed } from './demo/feed.js';
import type { KillmailsEnvironment } from './environment.js';
import type { Feed } from './feed.js';
import { knownNames } from './known-names.js';
import { EsiNames } from './upstream/esi-names.js';
import { Ingest } from './upstream/ingest.js';
import type { FeedPosition } from './upstream/position.js';
import { R2z2Feed } from './upstream/r2z2.js';

/** Where killmails and names come from. */
interface Source {
  readonly names: Names;
  /** The feed that brings killmails by itself, where there is one. */
  feed(publish: (killmail: Killmail) => Spread, position: FeedPosition): Feed | undefined;
  /** Gives up what is being asked for. */
  close(): void;
}

/** What the environment says about the upstream. */
export function sourceOf(env: KillmailsEnvironment, host: { logger: Logger; clock: Clock }): Source {
  switch (env.KILLMAILS_UPSTREAM ?? (env.DEMO ? 'demo' : 'none')) {
    case 'r2z2':
      return zKillboard(env, host);
    case 'demo':
      return demo(host);
    case 'none':
      return { names: knownNames(), feed: () => undefined, close() {} };
  }
}

function zKillboard(env: KillmailsEnvironment, host: { logger: Logger; clock: Clock }): Source {
  const common = { ...host, userAgent: env.USER_AGENT };
  const esi = new EsiNames({ ...common, url: env.ESI_URL, known: knownNames() });
  return {
    names: esi.names,
    feed(publish, position) {
      const ingest = new Ingest({ publish, names: esi.names, learn: (ids) => esi.learn(ids), logger: host.logger });
      return new R2z2Feed({
        ...common,
        url: env.R2Z2_URL,
        position: () => position.sequence,
        again: () => position.again,
        take: (body) => ingest.take(body),
        published: (sequence) => position.published(sequence),
      });
    },
    close: () => esi.stop(),
  };
}

function demo(host: { logger: Logger; clock: Clock }): Source {
  const names = knownNames();
  return {
    names,
    feed(publish) {
      const ingest = new Ingest({ publish, names, logger: host.logger });
      return new DemoFeed({ ...host, path: dataFile('killmails.jsonl'), take: (killmail) => ingest.take(killmail) });
    },
    close() {},
  };
}
