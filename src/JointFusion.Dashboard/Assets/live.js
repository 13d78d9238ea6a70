"use strict";

// A page that has lost its server for good gets a fresh one, but not before there is one to give it. What it shows is in its address.
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

const themes = ["", "light", "dark"];

// On the document, since the page's elements come and go. Before Blazor, which would take the skip link for a way to another page.
document.addEventListener("click", event => {
  if (event.target.closest("#theme")) {
    const root = document.documentElement;
    const next = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    localStorage.setItem("jointfusion-theme", next);
  } else if (event.target.closest(".skip")) {
    event.preventDefault();
    event.stopPropagation();
    document.getElementById("main").focus();
  }
}, true);

window.jointfusion = {
  arrive() {
    const heading = document.querySelector("h1");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  },
};

Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1e9, retryIntervalMilliseconds: attempt => Math.min(250 * attempt, 2000) } } });
