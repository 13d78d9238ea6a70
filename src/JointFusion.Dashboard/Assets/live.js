// The circuit is tried again for as long as the page is open; a server that does not know it any more gets a fresh page.
document.getElementById("components-reconnect-modal").addEventListener("components-reconnect-state-changed", event => {
  if (event.detail.state === "rejected" || event.detail.state === "failed") location.reload();
});
Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1e9, retryIntervalMilliseconds: attempt => Math.min(250 * attempt, 2000) } } });
