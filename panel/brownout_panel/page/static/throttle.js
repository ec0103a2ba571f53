// Sends at most one value every `interval` ms, never two at once, and always the last one.

/** What to do with the newest value now: send it, or look again in `wait` ms (null: when something happens). */
export function decide({ hasValue, busy, sentAt }, now, interval) {
  if (!hasValue || busy) return { send: false, wait: null };
  const wait = sentAt + interval - now;
  return wait > 0 ? { send: false, wait } : { send: true, wait: null };
}

/** A function that takes values and hands some of them to `send`, an async function; it must not reject. `idle` is called when all is sent. */
export function throttle(send, interval, { idle = () => {}, now = () => performance.now(), later = setTimeout } = {}) {
  const state = { hasValue: false, busy: false, sentAt: -Infinity };
  let value;
  let timer = null;

  function look() {
    timer = null;
    const { send: due, wait } = decide(state, now(), interval);
    if (due) go();
    else if (wait !== null && timer === null) timer = later(look, wait);
  }

  async function go() {
    Object.assign(state, { hasValue: false, busy: true, sentAt: now() });
    await send(value);
    state.busy = false;
    look();
    if (!put.isPending()) idle();
  }

  const put = (newest) => {
    value = newest;
    state.hasValue = true;
    if (timer === null) look();
  };
  /** Whether a value is waiting or on its way. */
  put.isPending = () => state.hasValue || state.busy;
  return put;
}
