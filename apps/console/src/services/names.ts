/** The five services, in the order of the page. */
export const serviceNames = ['killmails', 'falcon', 'spywatcher', 'raffle', 'vmax'] as const;

export type ServiceName = (typeof serviceNames)[number];
