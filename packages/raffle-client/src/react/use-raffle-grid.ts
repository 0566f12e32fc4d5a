import { emptyRaffleGrid, type RaffleGridState, raffleGrid } from '@roomcast/raffle-client';
import { useMemo } from 'react';
import type { ClientView, Follow } from './client-store.js';
import type { RaffleSource } from './shared-client.js';
import { useClient } from './use-client.js';

export interface RaffleGridView extends ClientView {
  readonly grid: RaffleGridState;
}

type Own = Pick<RaffleGridView, 'grid'>;

/**
 * Keeps the grid of a raffle while the component is mounted.
 * @param source as for `useRaffleEvents`
 */
export function useRaffleGrid(source: RaffleSource, raffleId: string): RaffleGridView {
  const initial = useMemo<Own>(() => ({ grid: emptyRaffleGrid(raffleId) }), [raffleId]);
  const follow = useMemo<Follow<Own>>(
    () => (client, show) => {
      const grid = raffleGrid(client, raffleId);
      grid.onChange((state) => show({ grid: state }));
      return () => grid.close();
    },
    [raffleId],
  );
  return useClient(source, initial, follow);
}
