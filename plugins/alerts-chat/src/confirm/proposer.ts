/** What commands need of the confirmations: to propose, and to see what is pending. */

import type { Place } from "../conversation/inbound.ts";
import type { Principal } from "../people/people.ts";
import type { Proposal } from "./proposal.ts";

export interface Proposals {
  /** Proposes and sends the card to the place. @throws {BaseError} */
  propose(wish: {
    readonly action: string;
    readonly args: readonly string[];
    readonly proposer: Principal;
    readonly via: Proposal["via"];
    readonly reason: string;
    readonly place: Place;
  }): Promise<void>;
  /** Open proposals, oldest first. @throws {StoreUnavailableError} */
  pending(): Promise<readonly Proposal[]>;
}
