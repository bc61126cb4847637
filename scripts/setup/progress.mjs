const SPINNER_FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const PLAIN_LINE_EVERY_MS = 10_000;

/**
 * Tells a waiting human that something is going on: one live line on a terminal, plain lines otherwise.
 * Writes to stderr, so that the output of the script stays clean.
 *
 * @param {string} title
 */
export function showProgress(title) {
  const { stderr } = process;
  const startedMs = performance.now();
  const elapsed = () => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % SPINNER_FRAMES.length;
    stderr.write(`\r\x1b[K${SPINNER_FRAMES[frame]} ${title} … ${elapsed()}`);
  };
  if (stderr.isTTY) draw();
  else stderr.write(`${title} …\n`);
  const timer = stderr.isTTY
    ? setInterval(draw, FRAME_MS)
    : setInterval(() => stderr.write(`${title} … ${elapsed()}\n`), PLAIN_LINE_EVERY_MS);

  const finish = (/** @type {string} */ line) => {
    clearInterval(timer);
    stderr.write(`${stderr.isTTY ? "\r\x1b[K" : ""}${line}\n`);
  };
  return {
    succeed: () => finish(`✓ ${title} (${elapsed()})`),
    fail: (/** @type {string} */ why) => finish(`✗ ${title}: ${why} (${elapsed()})`),
  };
}
