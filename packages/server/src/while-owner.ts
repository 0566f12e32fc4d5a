import type { Cluster, Logger } from '@roomcast/engine';

/** Something that one instance runs. It can be started again after it was stopped. */
export interface Runnable {
  start(): unknown;
  /** Resolves when nothing more of it will be published. */
  stop(): unknown;
}

interface OwnerOptions {
  /** What all instances call it. */
  name: string;
  /** Runs before each start: the place to learn how far another instance got. What it fails with is logged. */
  prepare?(): Promise<void>;
}

export interface WhileOwnerOptions extends OwnerOptions {
  cluster: Pick<Cluster, 'lease'>;
  logger: Logger;
}

/** What one of a server's instances publishes by itself. */
export interface OwnedFeed extends OwnerOptions {
  feed: Runnable;
}

/**
 * Runs something on one instance of the cluster, and on another when that one is gone: within about a second of a
 * goodbye, within 20 seconds of a death. While instances can't hear each other one runs on each side. Without a bus it
 * runs here.
 */
export function runWhileOwner(runnable: Runnable, { cluster, name, logger, prepare }: WhileOwnerOptions): WhileOwner {
  const lease = cluster.lease(name);
  let settled: Promise<void> = Promise.resolve();
  const settle = async () => {
    if (!lease.held) {
      await runnable.stop();
      return;
    }
    try {
      await prepare?.();
    } catch (error) {
      logger.error({ err: error, name }, 'what comes before a start failed: starting all the same');
    }
    if (lease.held) await runnable.start();
  };
  // One after the other: a start must not overtake the stop before it.
  const change = () => {
    settled = settled
      .then(settle)
      .catch((error: unknown) =>
        logger.error({ err: error, name }, 'what one instance runs could not be started or stopped'),
      );
  };
  const stopListening = lease.onChange(change);
  if (lease.held) change();
  return {
    async stop() {
      stopListening();
      await settled;
      // It is given up when nothing more of it will be published here.
      try {
        await runnable.stop();
      } finally {
        lease.stop();
      }
    },
  };
}

export interface WhileOwner {
  /** Stops it here for good, and lets another instance have it. */
  stop(): Promise<void>;
}
