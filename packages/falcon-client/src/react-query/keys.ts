import type { QueryKey } from '@tanstack/react-query';

/** The keys of the queries, unless they are given. */
export const chatKeys = Object.freeze({
  /** Of all threads; a thread's own has its id behind it. */
  messages: ['chat', 'messages'],
  threads: ['chat', 'threads'],
  contacts: ['chat', 'contacts'],
} as const);

export const messagesKey = (threadId: string): QueryKey => [...chatKeys.messages, threadId];
