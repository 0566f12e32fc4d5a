import * as z from 'zod/mini';
import { type Access, noAccess } from '../connection/access.js';
import { type ServiceName, serviceNames } from './names.js';

const optional = z.optional(z.string());

const settings = z.object({
  services: z.record(
    z.string(),
    z.object({
      url: z.string(),
      token: optional,
      identity: optional,
      publishToken: optional,
      adminToken: optional,
      metricsToken: optional,
    }),
  ),
});

export type Accesses = Readonly<Record<ServiceName, Access>>;

/** What whoever serves the page says of its services; undefined where there is nothing to say, as on a plain web host. */
export async function demoSettings(): Promise<Accesses | undefined> {
  try {
    const response = await fetch('settings.json', { cache: 'no-store' });
    const parsed = settings.safeParse(await response.json());
    if (!parsed.success) return undefined;
    const { services } = parsed.data;
    return accesses((name) => ({ ...noAccess, ...services[name] }));
  } catch {
    return undefined; // No such file, or another one: then everything is entered by hand.
  }
}

function accesses(of: (name: ServiceName) => Access): Accesses {
  return Object.fromEntries(serviceNames.map((name) => [name, of(name)])) as Record<ServiceName, Access>;
}
