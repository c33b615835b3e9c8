// Keeps the page up to date without a reload. Without this script the page is the same after a reload.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const EVERY_MS = 1500;
  let shown = null;

  const keyed = (root) => new Map([...root.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node]));

  // What a person has opened or stands on is kept; what is new or different lights up.
  function replace(text) {
    if (text === shown) return;
    const first = shown === null;
    shown = text;
    const before = keyed(live);
    const said = new Map([...before].map(([key, node]) => [key, node.querySelector("summary").textContent]));
    const open = [...before].filter(([, node]) => node.querySelector("details").open).map(([key]) => key);
    const held = document.activeElement && live.contains(document.activeElement) ? document.activeElement : null;
    const heldKey = held && held.closest("[data-key]") ? held.closest("[data-key]").dataset.key : null;
    const heldAt = heldKey ? [...before.get(heldKey).querySelectorAll("a,button,summary,pre")].indexOf(held) : -1;
    live.innerHTML = text;
    const after = keyed(live);
    for (const key of open) {
      const node = after.get(key);
      if (node) node.querySelector("details").open = true;
    }
    if (heldAt >= 0 && after.get(heldKey)) {
      const again = after.get(heldKey).querySelectorAll("a,button,summary,pre")[heldAt];
      if (again) again.focus({ preventScroll: true });
    }
    if (first) return;
    for (const [key, node] of after) {
      if (!key.startsWith("run-") && said.get(key) !== node.querySelector("summary").textContent) node.classList.add("fresh");
    }
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" } });
      if (answer.ok) replace(await answer.text());
      live.classList.toggle("stale", !answer.ok);
    } catch {
      live.classList.add("stale");
    }
  }

  // Moving and deleting leave the page where it is.
  live.addEventListener("submit", async (event) => {
    const form = event.target;
    const body = new URLSearchParams(new FormData(form, event.submitter));
    event.preventDefault();
    try {
      await fetch(form.action, { method: "POST", body });
    } finally {
      refresh();
    }
  });

  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, EVERY_MS);
  refresh();
})();
