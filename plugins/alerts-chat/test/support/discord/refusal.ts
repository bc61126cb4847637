/** What Discord answers instead of a result: https://docs.discord.com/developers/topics/opcodes-and-status-codes */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function invalidForm(what: string): Refusal {
  return new Refusal(400, 50_035, `Invalid Form Body: ${what}`);
}

export const unknownMessage = () => new Refusal(404, 10_008, "Unknown Message");
export const unknownWebhook = () => new Refusal(404, 10_015, "Unknown Webhook");
export const notFound = () => new Refusal(404, 0, "404: Not Found");
export const unauthorized = () => new Refusal(401, 0, "401: Unauthorized");
