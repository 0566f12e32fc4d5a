import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';

/** Whether bytes are anywhere in it: such a packet is no JSON. */
export function hasBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  return Object.values(value).some(hasBytes);
}

/** An event with bytes as texts: the packet as Socket.IO writes it, and each attachment in base64. */
export function pack(data: readonly unknown[]): string[] {
  const [text, ...attachments] = new Encoder().encode({ type: PacketType.EVENT, nsp: '/', data: [...data] });
  return [String(text), ...attachments.map((bytes) => Buffer.from(bytes).toString('base64'))];
}

/** What `pack` made, as it was. Throws where it is something else. */
export function unpack([text = '', ...attachments]: readonly string[]): unknown[] {
  let packet: Packet | undefined;
  const decoder = new Decoder({ maxAttachments: attachments.length });
  decoder.on('decoded', (decoded: Packet) => {
    packet = decoded;
  });
  decoder.add(text);
  for (const bytes of attachments) decoder.add(Buffer.from(bytes, 'base64'));
  if (!Array.isArray(packet?.data)) throw new TypeError('a packed event of another instance is incomplete');
  return packet.data;
}
