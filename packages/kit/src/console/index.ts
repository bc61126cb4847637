/** The console of an agent: the protocol of its socket, the other end of it, and how a terminal shows it. */
export { type ConsoleConnection, connectConsole, type RequestEnd } from "./console-client.ts";
export { ConsoleUnavailableError } from "./console-error.ts";
export { Desk, type Press, type Question, type Typed } from "./desk.ts";
export { LineBuffer } from "./line-buffer.ts";
export { openPrompt, type Prompt, promptView, type TypedText } from "./prompt.ts";
export * from "./protocol.ts";
export { type ConsoleView, renderMessage } from "./render.ts";
export { shownLines } from "./shown-lines.ts";
export { visibleJson, visibleText } from "./visible.ts";
