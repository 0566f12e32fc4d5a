import { describe, expect, it } from 'vitest';
import { apiTokens } from '../src/identity/index.js';
import { EngineOptionsError } from '../src/index.js';

describe('API tokens', () => {
  it('are known by a name that does not reveal them', () => {
    const tokens = apiTokens(['first-token', 'second-token']);
    expect(tokens.verify('first-token')).toBe('token-1');
    expect(tokens.verify('second-token')).toBe('token-2');
  });

  it('are known only as a whole', () => {
    const tokens = apiTokens(['first-token']);
    for (const text of ['', 'first', 'first-toke', 'first-token ', 'First-Token', 'first-tokenfirst-token']) {
      expect(tokens.verify(text)).toBeUndefined();
    }
  });

  it('are nowhere to be found in what keeps them', () => {
    expect(JSON.stringify(apiTokens(['first-token']))).not.toContain('first-token');
  });

  it('that are too short to be secret are refused when they are set up, by their place and not their text', () => {
    expect(() => apiTokens(['long-enough', 'short'])).toThrow(EngineOptionsError);
    expect(() => apiTokens(['long-enough', 'short'])).toThrow('tokens[1]: expected at least 8 characters, got 5');
    expect(() => apiTokens(['short'], { minLength: 5 })).not.toThrow();
    expect(apiTokens(['short'], { minLength: 5 }).verify('short')).toBe('token-1');
  });

  it('may be none, and then none is known', () => {
    expect(apiTokens([]).verify('anything-at-all')).toBeUndefined();
  });
});
