/** The console channel's entry. Its protocol and the other end of it are in kit, where everything that speaks it can import it. */
export { type ConsoleChannel, createConsoleChannel } from "./console-channel.ts";
export { consoleEnv } from "./console-env.ts";
