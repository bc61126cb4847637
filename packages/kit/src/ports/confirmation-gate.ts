/**
 * Leave to change something. An action of the elizaOS runtime can be invoked by a message or a language model, so an
 * action that changes anything asks here first, and without a gate the answer is no.
 */

export interface ConfirmationGate {
  /**
   * Whether an authorised person has confirmed exactly this action with exactly these parameters, now. A grant is
   * consumed by the call.
   * @returns the person's name for the audit, or undefined when nobody has confirmed.
   */
  consume(action: string, parametersDigest: string): string | undefined;
}
