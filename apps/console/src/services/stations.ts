import { type Access, noAccess } from '../connection/access.js';
import { Pulse } from '../live/pulse.js';
import { catalogue } from './catalogue.js';
import { remembered } from './memory.js';
import { type ServiceName, serviceNames } from './names.js';
import { type Accesses, demoSettings } from './settings.js';
import { Station } from './station.js';

/** All services of the page. Each connects as soon as its code is there, shown or not. */
export class Stations {
  readonly pulse = new Pulse();
  readonly #stations = new Map<ServiceName, Station>();
  #demo: Accesses | undefined;

  get(name: ServiceName): Station | undefined {
    return this.#stations.get(name);
  }

  get all(): readonly Station[] {
    return serviceNames.flatMap((name) => this.#stations.get(name) ?? []);
  }

  /** What whoever serves the page said of a service. */
  demoAccess(name: ServiceName): Access | undefined {
    return this.#demo?.[name];
  }

  async start(): Promise<void> {
    const settings = demoSettings();
    await Promise.all(
      serviceNames.map(async (name) => {
        const { createDesk } = await catalogue[name].load();
        const station = new Station(name, await createDesk());
        this.#demo = await settings;
        this.#stations.set(name, station);
        station.connect(remembered(name) ?? this.#demo?.[name] ?? noAccess);
        this.pulse.changed();
      }),
    );
  }

  /** A demo that was started again has other publish and admin tokens: takes them over where they were the demo's. */
  async refreshTokens(): Promise<void> {
    const fresh = await demoSettings();
    if (fresh === undefined) return;
    for (const { name, line } of this.all) {
      const before = this.#demo?.[name];
      const { url, publishToken, adminToken } = fresh[name];
      if (before?.publishToken === line.access.publishToken && url === line.access.url) {
        line.renewTokens({ publishToken, adminToken });
      }
    }
    this.#demo = fresh;
  }
}
