/** What the Bot API answers instead of a result: https://core.telegram.org/bots/api#making-requests */
export class Refusal extends Error {
  readonly errorCode: number;
  readonly parameters: { readonly retry_after?: number; readonly migrate_to_chat_id?: number } | undefined;

  constructor(errorCode: number, description: string, parameters?: Refusal["parameters"]) {
    super(description);
    this.errorCode = errorCode;
    this.parameters = parameters;
  }
}

export function badRequest(what: string, parameters?: Refusal["parameters"]): Refusal {
  return new Refusal(400, `Bad Request: ${what}`, parameters);
}
