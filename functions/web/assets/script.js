// Pages work without this; it makes them livelier.
"use strict";
const page = document.documentElement;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
// The next page tells the time in the browser's zone by itself; this one is told it here.
if (zone && page.dataset.zone !== zone) {
  const safe = location.protocol === "https:";
  document.cookie = `${safe ? "__Host-" : ""}sync_zone=${zone};Path=/;Max-Age=31536000;SameSite=Lax${safe ? ";Secure" : ""}`;
}
function localTimes(root) {
  if (!zone || page.dataset.zone === zone) return;
  const form = new Intl.DateTimeFormat(page.lang, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = form.format(new Date(time.dateTime));
}
localTimes(document);
// What was done, and the language that was chosen, need not be said again when the page is loaded again.
const address = new URL(location.href);
for (const name of ["done", "lang"]) address.searchParams.delete(name);
if (address.href !== location.href && !address.searchParams.has("token")) history.replaceState(null, "", address);
// What is wrong is where the eyes and the keyboard go first.
const errors = document.querySelector("[data-errors]");
if (errors) errors.focus();
// The status is asked for while a run is under way; when it has ended, what it changed is fetched as well.
const live = document.querySelector("[data-live]");
let asked = 0;
async function part(from) {
  const answer = await fetch(from, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  localTimes(found);
  return found;
}
async function refresh() {
  if (!live.querySelector("[data-running]") || asked++ > 90) return;
  try {
    live.replaceChildren(...(await part(live.dataset.live)).childNodes);
    if (!live.querySelector("[data-running]")) {
      const whole = await part(location.pathname);
      for (const id of ["actions", "attention", "history", "journal"]) {
        const [old, fresh] = [document.getElementById(id), whole.querySelector("#" + id)];
        if (old && fresh && !old.contains(document.activeElement)) old.replaceWith(fresh);
      }
      address.searchParams.delete("run");
      history.replaceState(null, "", address);
    }
  } catch { /* The next look may succeed. */ }
  setTimeout(refresh, 1000);
}
if (live) setTimeout(refresh, 700);
// The browser knows the zone that a new band of hours most likely means, and the names of all others.
const zones = document.querySelector("input[data-zone]");
const hours = document.querySelector("input[name=hours]");
if (zones) {
  if (hours && !hours.checked && zone) zones.value = zone;
  zones.addEventListener("focus", () => {
    if (zones.list.children.length) return;
    for (const name of Intl.supportedValuesOf("timeZone")) zones.list.append(new Option(name, name));
  });
}
// The band is shown while it counts.
const band = document.querySelector("[data-hours]");
if (band && hours) {
  const show = () => { band.hidden = !hours.checked; };
  hours.addEventListener("change", show);
  show();
}
// A file may be dropped on its field.
for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"])
    place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; });
}
// What is there to be copied gets a button for it.
for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = text.dataset.copy;
  const [shown, plain] = [document.createElement("span"), text.textContent];
  shown.setAttribute("role", "status");
  shown.className = "quiet";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(plain);
      shown.textContent = text.dataset.copied;
    } catch { getSelection().selectAllChildren(text); }
  });
  text.after(button, shown);
}
