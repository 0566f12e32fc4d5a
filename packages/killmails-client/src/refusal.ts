import type { RefusalCauses } from '@roomcast/client-core';

/** What this API's servers mean by a status, where it is more than the usual. */
export const refusalCauses: RefusalCauses = {
  403: 'the token is missing, shorter than 8 characters or unknown to the server, or the server does not allow this origin',
  404: 'no socket answers at this path; expected one that ends in /socket',
};
