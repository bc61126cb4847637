/** The one way out for everything that is said: no channel is handed a registered secret. */
import type { Channel, EpisodeChannel } from "../conversation/channel.ts";
import { episodeWithoutSecrets, messageWithoutSecrets } from "../conversation/without-secrets.ts";

/** `channel`, given messages without secrets. */
export function channelWithoutSecrets(channel: Channel): Channel {
  return {
    id: channel.id,
    interactive: channel.interactive,
    send: (message, signal) => channel.send(messageWithoutSecrets(message), signal),
    edit: (reference, message, signal) => channel.edit(reference, messageWithoutSecrets(message), signal),
    answer: (inbound, message, signal) => channel.answer(inbound, messageWithoutSecrets(message), signal),
    ...(channel.remove === undefined ? {} : { remove: channel.remove.bind(channel) }),
    start: (handler) => channel.start(handler),
    stop: () => channel.stop(),
  };
}

/** `channel`, told of episodes without secrets. */
export function episodesWithoutSecrets(channel: EpisodeChannel): EpisodeChannel {
  return {
    id: channel.id,
    trigger: (episode, signal) => channel.trigger(episodeWithoutSecrets(episode), signal),
    acknowledge: (episode, signal) => channel.acknowledge(episodeWithoutSecrets(episode), signal),
    resolve: (episode, signal) => channel.resolve(episodeWithoutSecrets(episode), signal),
  };
}
