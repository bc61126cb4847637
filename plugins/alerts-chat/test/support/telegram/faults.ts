/** What goes wrong, for chosen methods and as often as a test says. */
export type Fault =
  | {
      readonly kind: "refuse";
      readonly errorCode: number;
      readonly description: string;
      readonly retryAfterS?: number;
    }
  /** A page of some proxy instead of the API. */
  | { readonly kind: "garbage"; readonly status: number; readonly body: string }
  /** No answer ever. */
  | { readonly kind: "hang" }
  /** Takes effect, and the answer is lost. */
  | { readonly kind: "lose-answer" };

export const unauthorized: Fault = { kind: "refuse", errorCode: 401, description: "Unauthorized" };
export const serverError: Fault = { kind: "refuse", errorCode: 502, description: "Bad Gateway" };
export const garbage: Fault = { kind: "garbage", status: 200, body: "<html>Sign in to the Wi-Fi</html>" };

export function tooManyRequests(retryAfterS: number): Fault {
  return {
    kind: "refuse",
    errorCode: 429,
    description: `Too Many Requests: retry after ${retryAfterS}`,
    retryAfterS,
  };
}

export class Faults {
  readonly #byMethod = new Map<string, { readonly fault: Fault; left: number }>();

  /** `method` `*` means each. */
  add(method: string, fault: Fault, times: number): void {
    this.#byMethod.set(method.toLowerCase(), { fault, left: times });
  }

  clear(): void {
    this.#byMethod.clear();
  }

  next(method: string): Fault | undefined {
    const entry = this.#byMethod.get(method.toLowerCase()) ?? this.#byMethod.get("*");
    if (entry === undefined || entry.left <= 0) return undefined;
    entry.left--;
    return entry.fault;
  }
}
