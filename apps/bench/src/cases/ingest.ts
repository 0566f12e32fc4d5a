import type { Contender } from '../run/contenders.js';
import type { Case } from './case.js';

const check: Contender = { name: 'killmails', server: 'killmails', speech: 'killmails' };

export const ingestCase: Case = {
  name: 'ingest',
  title: 'Reading and checking real killmails (ESI form)',
  contenders: [check],
  figures: [
    { metric: 'parse', title: 'JSON.parse', unit: 'µs' },
    { metric: 'checked', title: 'JSON.parse and the check', unit: 'µs' },
  ],
  goals: [
    {
      title: 'killmail ingest, against JSON.parse',
      of: check.name,
      metric: 'checked',
      to: { metric: 'parse' },
      must: 1.6,
      moonshot: 1.2,
    },
  ],
  sockets: 0,
  about: 3,
  measure: (_contender, stage) => stage.compute({ mode: 'ingest', seconds: stage.seconds }),
};
