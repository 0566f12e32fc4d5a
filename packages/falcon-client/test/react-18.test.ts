import { createRequire } from 'node:module';
import { expect, it, vi } from 'vitest';

const require = createRequire(import.meta.url);

// The tests of the hooks once more, with the oldest React that the package takes.
vi.mock('react', () => require('react-18'));
vi.mock('react/jsx-dev-runtime', () => require('react-18/jsx-dev-runtime'));
vi.mock('react-dom/client', () => require('react-dom-18/client'));
vi.mock('react-dom/server', () => require('react-dom-18/server'));

// Installed beside the newest React, this react-dom would load that one.
const newest = createRequire(require.resolve('react-dom-18')).resolve('react');
require('react-18');
require.cache[newest] = require.cache[require.resolve('react-18')];

it('is React 18', async () => {
  expect((await import('react')).version).toMatch(/^18\./);
  expect((await import('react-dom/server')).version).toMatch(/^18\./);
});

await import('./react.test.js');
