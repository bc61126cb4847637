/**
 * From what a person writes to the one command that it names. Exact: a name is matched whole, so that no slip of the finger and no
 * sentence of a model ever runs another command than the one that was typed.
 */
import { BaseError, type Clock, describeError, type Logger } from "@jeju-oracle/kit";
import { BREAK_GLASS } from "../conversation/break-glass-of.ts";
import { freeTextOf } from "../conversation/free-text-of.ts";
import type { InboundMessage } from "../conversation/inbound.ts";
import { line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { mayAs, type People, type Principal } from "../people/people.ts";
import { suggestions } from "../words/suggestions.ts";
import type { Asking, Command } from "./command.ts";
import { RefusalMeter } from "./refusal-meter.ts";

export interface RouterOptions {
  readonly commands: readonly Command[];
  /** Runs a command: as an elizaOS Action, so that the runtime knows of it. */
  readonly run: (
    command: Command,
    args: readonly string[],
    asking: Asking,
  ) => Promise<OutboundMessage | undefined>;
  readonly people: People;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Somebody asked for what they may not do. */
  readonly refused: (who: string, command: string, why: string) => void;
  /** Free text, when a model is configured; undefined: it is not answered. */
  readonly freeText?: (message: InboundMessage, asking: Asking) => Promise<OutboundMessage | undefined>;
}

/** A message that waited longer was written for another situation: it may ask, it may not change. */
const STALE_AFTER_MS = 60_000;
const LONGEST_COMMAND = 1_000;

export class Router {
  readonly #options: RouterOptions;
  readonly #byName: ReadonlyMap<string, Command>;
  readonly #meter: RefusalMeter;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#byName = new Map(options.commands.map((command) => [command.name, command]));
    this.#meter = new RefusalMeter(options.clock);
  }

  /** Answers a message, or gives undefined for what is none of our business. Never throws. */
  async answer(message: InboundMessage): Promise<OutboundMessage | undefined> {
    const { people } = this.#options;
    const principal = people.principalOf(message.caller);
    const asking: Asking = { principal, displayName: message.caller.displayName, place: message.place };
    const words = message.text.slice(0, LONGEST_COMMAND).trim().split(/\s+/);
    const [first = ""] = words;
    // An edit or a forwarded text is somebody's words, not an order.
    if (message.isEdit || message.isForwarded) return undefined;
    const freeText = freeTextOf(message.text);
    const answer = freeText === undefined ? undefined : await this.#freeText(message, freeText, asking);
    if (answer !== undefined || !first.startsWith("/")) return answer;
    const name = nameOf(first);
    const command = this.#byName.get(name);
    if (command === undefined) return this.#unknown(name);
    const refusal = this.#refusalOf(command, message, principal);
    if (refusal !== undefined) return refusal;
    return this.#run(command, words.slice(1), asking);
  }

  async #run(
    command: Command,
    args: readonly string[],
    asking: Asking,
  ): Promise<OutboundMessage | undefined> {
    try {
      return await this.#options.run(command, args, asking);
    } catch (error) {
      if (!(error instanceof BaseError)) {
        this.#options.logger.error("A command failed", {
          command: command.name,
          error: describeError(error),
        });
        return { lines: [plainLine(`/${command.name} failed. The log of this agent says why.`)] };
      }
      return { lines: [plainLine(`❌ ${error.message}`), plainLine(error.nextStep)] };
    }
  }

  #refusalOf(
    command: Command,
    message: InboundMessage,
    principal: Principal | undefined,
  ): OutboundMessage | undefined {
    const { caller } = message;
    const who = principal?.id ?? `${caller.platform}:${caller.userId}`;
    // Reading is for everybody in the team's chat; changing is for people whom the file names.
    if (command.role !== "viewer" && !mayAs(principal, command.role)) {
      const isTold = this.#meter.mayTell(who);
      this.#tellRefused(who, command.name, `needs ${command.role}`);
      if (!isTold) return { lines: [] };
      const why =
        principal === undefined
          ? "you are not in the operators file"
          : `${principal.id} is ${principal.role}`;
      return { lines: [plainLine(`⛔ /${command.name} needs the role ${command.role}; ${why}.`)] };
    }
    if (command.changes && this.#options.clock.wallMs() - message.sentAtMs > STALE_AFTER_MS) {
      return {
        lines: [
          plainLine(`⌛ This /${command.name} is older than a minute. Send it again if it still counts.`),
        ],
      };
    }
    return undefined;
  }

  /** A refusal stands also when it cannot be written down. */
  #tellRefused(who: string, command: string, why: string): void {
    try {
      this.#options.refused(who, command, why);
    } catch (error) {
      this.#options.logger.error("A refusal could not be written down", { error: describeError(error) });
    }
  }

  #unknown(name: string): OutboundMessage {
    const near = suggestions(name, [...this.#byName.keys(), BREAK_GLASS.name]);
    const hint =
      near.length === 0
        ? "`/help` lists what there is."
        : `Did you mean ${near.map((known) => `/${known}`).join(", ")}?`;
    return { lines: [plainLine(`There is no /${name.slice(0, 40)}.`), line(hint)] };
  }

  async #freeText(
    message: InboundMessage,
    text: string,
    asking: Asking,
  ): Promise<OutboundMessage | undefined> {
    const { freeText, logger } = this.#options;
    if (freeText === undefined || text === "") return undefined;
    try {
      return await freeText({ ...message, text }, asking);
    } catch (error) {
      logger.warn("The model did not answer", { error: describeError(error) });
      return { lines: [line("The model does not answer. Commands work: `/help`.")] };
    }
  }
}

/** `/status@oracle_bot` is `/status`; case does not matter. */
function nameOf(word: string): string {
  return (word.slice(1).split("@")[0] ?? "").toLowerCase();
}
