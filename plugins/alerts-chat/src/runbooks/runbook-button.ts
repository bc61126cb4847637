/** What the buttons of a runbook carry, and an alert's button that opens one. At most 64 bytes: Telegram's limit. */

export type RunbookButton =
  /** Opens it: on an alert. */
  | { readonly kind: "open"; readonly id: string }
  /** Proposes what that step names. */
  | { readonly kind: "step"; readonly id: string; readonly step: number }
  /** What people do on hosts. */
  | { readonly kind: "hosts"; readonly id: string }
  /** Verifies, and tells the time since it was opened. */
  | { readonly kind: "verify"; readonly id: string; readonly openedAtS: number };

const PATTERN = /^r:([a-z-]{1,40}):(?:(open|hosts)|(\d{1,2})|v(\d{1,12}))$/;

export function encodeRunbookButton(button: RunbookButton): string {
  switch (button.kind) {
    case "open":
    case "hosts":
      return `r:${button.id}:${button.kind}`;
    case "step":
      return `r:${button.id}:${button.step}`;
    case "verify":
      return `r:${button.id}:v${button.openedAtS}`;
    default:
      return button satisfies never;
  }
}

/** @returns undefined for what is no button of a runbook. */
export function decodeRunbookButton(data: string): RunbookButton | undefined {
  const [, id, word, step, openedAtS] = PATTERN.exec(data) ?? [];
  if (id === undefined) return undefined;
  if (word === "open" || word === "hosts") return { kind: word, id };
  if (step !== undefined) return { kind: "step", id, step: Number(step) };
  return openedAtS === undefined ? undefined : { kind: "verify", id, openedAtS: Number(openedAtS) };
}
