/** The operator's control at an agent: what was asked here is looked at here without waiting for the next poll. */
import type {
  ApprovalRequest,
  FailoverRequest,
  FleetControl,
  IntentReceipt,
  OverrideRequest,
  PauseRequest,
  Requester,
} from "@jeju-oracle/kit";

export class PromptControl implements FleetControl {
  readonly #control: FleetControl;
  readonly #lookSoon: () => void;

  constructor(control: FleetControl, lookSoon: () => void) {
    this.#control = control;
    this.#lookSoon = lookSoon;
  }

  failover(request: FailoverRequest): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.failover(request));
  }

  forceLeader(request: FailoverRequest & { readonly to: string }): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.forceLeader(request));
  }

  pause(request: PauseRequest): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.pause(request));
  }

  resume(request: Requester): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.resume(request));
  }

  restart(request: Requester & { readonly botId: string }): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.restart(request));
  }

  set(request: OverrideRequest): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.set(request));
  }

  approve(request: ApprovalRequest): Promise<IntentReceipt> {
    return this.#afterwardsLook(this.#control.approve(request));
  }

  async #afterwardsLook(written: Promise<IntentReceipt>): Promise<IntentReceipt> {
    const receipt = await written;
    this.#lookSoon();
    return receipt;
  }
}
