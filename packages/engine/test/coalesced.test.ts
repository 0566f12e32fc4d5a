import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { coalesced } from '../src/index.js';

describe('what is coalesced', () => {
  it('runs once at a time, and once more for all calls meanwhile', async () => {
    const ends: (() => void)[] = [];
    const again = coalesced(() => new Promise<void>((resolve) => ends.push(resolve)));
    const first = again();
    await turns(1);
    const later = [again(), again(), again()];
    await turns(2);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await first;
    await turns(2);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await Promise.all(later);
  });

  it('goes on after a run that failed, which only its own callers hear of', async () => {
    let runs = 0;
    const again = coalesced(async () => {
      if (++runs === 1) throw new Error('the first');
    });
    await expect(again()).rejects.toThrow('the first');
    await again();
    expect(runs).toBe(2);
  });
});
