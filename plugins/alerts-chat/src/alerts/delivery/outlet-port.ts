/** How one outlet is told. @throws {ChannelError} from both. */
import type { SentReference } from "../../conversation/outbound.ts";
import type { Notice, Outlet } from "../pipeline/notice.ts";

export interface OutletPort extends Outlet {
  send(notice: Notice, signal: AbortSignal): Promise<SentReference>;
  edit(notice: Notice, message: SentReference, signal: AbortSignal): Promise<SentReference>;
}
