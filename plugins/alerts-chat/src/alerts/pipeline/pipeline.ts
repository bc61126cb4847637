/** What a channel shall be told next, most urgent first. Pure: it is asked anew after every step, so a crash loses no plan. */
import { candidates } from "./candidates.ts";
import { dedup } from "./dedup.ts";
import { deliver } from "./deliver.ts";
import { group } from "./group.ts";
import { inhibit } from "./inhibit.ts";
import type { Notice, PipelineInput, Stage } from "./notice.ts";
import { silence } from "./silence.ts";

const PIPELINE: readonly Stage[] = [dedup, inhibit, silence, group, deliver];

export function plan(input: PipelineInput): readonly Notice[] {
  return PIPELINE.reduce<readonly Notice[]>((notices, stage) => stage(notices, input), candidates(input));
}
