/** Where a courier reads what is to be told, and notes what it told. */
import type { Alert, Slot } from "../alert.ts";
import type { NoticeEntry } from "../pipeline/notice.ts";
import type { Silence } from "../silence.ts";

/** Whether this agent may tell now; `aloneAs` while it does so without the fleet. */
export type Standing = { readonly may: false } | { readonly may: true; readonly aloneAs: string | undefined };

export interface SlotKeeper {
  alerts(): readonly Alert[];
  silences(): readonly Silence[];
  standing(): Standing;
  /**
   * Notes that telling begins, before it does. @returns false when another agent has told it meanwhile: then look again.
   * @throws {BaseError} when it could not be noted where others would see it.
   */
  begin(entries: readonly NoticeEntry[], slot: Slot): Promise<boolean>;
  /** Notes what came of it. Never rejects: what the store does not take now it takes later. */
  done(entries: readonly NoticeEntry[], slot: (entry: NoticeEntry) => Slot): Promise<void>;
}
