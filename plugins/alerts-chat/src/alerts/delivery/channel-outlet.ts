/** A chat, a webhook or the console as an outlet of alerts. */
import type { Channel } from "../../conversation/channel.ts";
import { noticeMessage } from "../notice-text.ts";
import type { Notice } from "../pipeline/notice.ts";
import { decodeSlot } from "../slots.ts";
import type { OutletPort } from "./outlet-port.ts";

export function channelOutlet(channel: Channel): OutletPort {
  const textOf = (notice: Notice) =>
    noticeMessage(notice, {
      aloneAs: decodeSlot(notice.entries[0]?.slot ?? "")?.alone,
      interactive: channel.interactive,
    });
  return {
    id: channel.id,
    takes: "messages",
    send: (notice, signal) => channel.send(textOf(notice), signal),
    edit: (notice, message, signal) => channel.edit(message, textOf(notice), signal),
  };
}
