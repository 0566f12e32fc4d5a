import { useEffect, useState } from 'react';
import type { ServiceName } from '../../services/names.js';
import type { Stations } from '../../services/stations.js';
import { noVitals, type Vitals, VitalsReader } from './vitals.js';

const intervalMs = 2000;
const keptPoints = 90;

/** The vitals of all services, and their deliveries over the last three minutes. */
export interface Overview {
  readonly vitals: Readonly<Partial<Record<ServiceName, Vitals>>>;
  /** Seconds since the epoch. */
  readonly times: readonly number[];
  readonly deliveries: Readonly<Partial<Record<ServiceName, readonly (number | null)[]>>>;
}

const nothing: Overview = { vitals: {}, times: [], deliveries: {} };

/** Reads every service's metrics while the view is shown. */
export function useOverview(stations: Stations): Overview {
  const [overview, setOverview] = useState(nothing);
  useEffect(() => {
    const readers = new Map<ServiceName, VitalsReader>();
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async () => {
      const read = await Promise.all(
        stations.all.map(async ({ name, line }) => {
          const reader = readers.get(name) ?? new VitalsReader();
          readers.set(name, reader);
          return [
            name,
            line.httpBase === '' ? noVitals : await reader.read(line.httpBase, line.access.metricsToken),
          ] as const;
        }),
      );
      if (isOver) return;
      setOverview((before) => withReading(before, read));
      timer = setTimeout(() => void round(), intervalMs);
    };
    void round();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [stations]);
  return overview;
}

function withReading(before: Overview, read: readonly (readonly [ServiceName, Vitals])[]): Overview {
  const missing = before.times.map(() => null);
  const deliveries = read.map(([name, { figures }]) => {
    const points = [...(before.deliveries[name] ?? missing), figures?.deliveriesPerSecond ?? null];
    return [name, points.slice(-keptPoints)] as const;
  });
  return {
    vitals: Object.fromEntries(read),
    times: [...before.times, Date.now() / 1000].slice(-keptPoints),
    deliveries: Object.fromEntries(deliveries),
  };
}
