import { expect, test } from "bun:test";
import { formatUsd8 } from "../../src/commands/support/usd.ts";

test("a price of 8 decimals is shown in dollars, with more digits the smaller it is", () => {
  expect(formatUsd8(324_567_000_000n)).toBe("$3,245.67");
  expect(formatUsd8(100_000_000n)).toBe("$1.00");
  expect(formatUsd8(12_400_000n)).toBe("$0.124000");
  expect(formatUsd8(123n)).toBe("$0.00000123");
  expect(formatUsd8(0n)).toBe("$0.00000000");
  expect(formatUsd8(123_456_789_012_345_678n)).toBe("$1,234,567,890.12");
});

test("a price is rounded half up, also over the next dollar and thousand", () => {
  expect(formatUsd8(99_999_999n)).toBe("$1.000000");
  expect(formatUsd8(99_999_500_000n)).toBe("$1,000.00");
  expect(formatUsd8(100_500_000n)).toBe("$1.01");
  expect(formatUsd8(100_499_999n)).toBe("$1.00");
});
