/** Several chat services report to one lease: it is enough that one of them answers. */
import type { ChatLeasePort } from "@jeju-oracle/kit";

/** The lease for one service of several. `others` holds what each service last said. */
export function leaseForService(
  lease: ChatLeasePort,
  service: string,
  said: Map<string, boolean>,
): ChatLeasePort {
  return {
    start: () => lease.start(),
    holds: () => lease.holds(),
    holderId: () => lease.holderId(),
    reportReachable(reachable) {
      said.set(service, reachable);
      lease.reportReachable([...said.values()].some((answered) => answered));
    },
  };
}
