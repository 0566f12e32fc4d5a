export { bindChatQueries, type ChatBindingOptions } from './bind.js';
export { type CachedMessage, type ChatFormat, type ChatMessage, chatFormat } from './chat-data.js';
export { chatKeys } from './keys.js';
export type { Order } from './shapes.js';
export {
  type ChatQueryOptions,
  useChatContacts,
  useChatMessages,
  useChatThreads,
  useSendChatMessage,
} from './use-chat.js';
