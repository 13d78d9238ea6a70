"use strict";

// A page that has lost its server for good gets a fresh one, but not before there is one to give it.
async function reloadOnceServed() {
  for (;;) {
    try {
      const { ok, status } = await fetch("live.js", { cache: "no-store" });
      if (ok || status === 401) return location.reload();
    } catch {
      // Not there yet: that is what is being waited for.
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}

// A server that was started anew does not know the page's circuit: it rejects it.
document.getElementById("components-reconnect-modal").addEventListener("components-reconnect-state-changed", event => {
  if (event.detail.state === "rejected" || event.detail.state === "failed") reloadOnceServed();
});

// A circuit that was never made is not tried again by itself.
setTimeout(() => {
  if (!document.querySelector("[data-live]")) reloadOnceServed();
}, 10000);

Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1e9, retryIntervalMilliseconds: attempt => Math.min(250 * attempt, 2000) } } });
