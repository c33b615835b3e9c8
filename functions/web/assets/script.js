// Pages work without this; it makes them livelier.
"use strict";
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    time.title = time.textContent;
    time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}
localTimes(document);
// The status is asked for while a run is under way.
const live = document.querySelector("[data-live]");
let asked = 0;
async function refresh() {
  if (!live.querySelector("[data-running]") || asked++ > 60) return;
  try {
    const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" } });
    if (answer.ok) {
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      localTimes(part);
      live.replaceChildren(...part.childNodes);
      if (!live.querySelector("[data-running]")) return location.replace(location.pathname);
    }
  } catch { /* The next look may succeed. */ }
  setTimeout(refresh, 2000);
}
if (live) setTimeout(refresh, 1500);
// The browser knows the zone that a new band of hours most likely means.
const zone = document.querySelector("input[data-zone]");
const hours = document.querySelector("input[name=hours]");
if (zone && hours && !hours.checked) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
// A file may be dropped on its field.
for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"])
    place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; });
}
