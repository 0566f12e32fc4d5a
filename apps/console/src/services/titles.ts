import { catalogue } from './catalogue.js';
import { type ServiceName, serviceNames } from './names.js';

export const titles = Object.fromEntries(serviceNames.map((name) => [name, catalogue[name].title])) as Readonly<
  Record<ServiceName, string>
>;
