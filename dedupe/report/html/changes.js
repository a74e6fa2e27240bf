"use strict";
// Two texts side by side: from one change to the next, and from a moved sentence to its other place.

function inView(element) {
  const box = element.getBoundingClientRect();
  const folded = element.closest("details:not([open])") !== null;
  return !folded && box.height > 0 && box.bottom > 0 && box.top < window.innerHeight;
}

// The one that holds the focus, else the first that can be seen.
function currentReading() {
  const readings = Array.from(document.querySelectorAll(".reading"));
  const holds = (reading) => (reading.closest(".part") ?? reading).contains(document.activeElement);
  return readings.find(holds) ?? readings.find(inView) ?? null;
}

function stepTo(reading, by) {
  const changes = Array.from(reading.querySelectorAll("[data-change]"));
  if (changes.length === 0) return;
  const at = changes.findIndex((change) => change.classList.contains("current"));
  const next = at < 0 ? (by > 0 ? 0 : changes.length - 1) : (at + by + changes.length) % changes.length;
  for (const change of changes) change.classList.toggle("current", change === changes[next]);
  changes[next].focus({ preventScroll: true });
  changes[next].scrollIntoView({ block: "center" });
  reading.querySelector(".at").textContent = `${next + 1} of ${changes.length}`;
}

function readyReadings(root) {
  for (const keys of root.querySelectorAll(".reading .keys")) {
    keys.hidden = keys.closest(".reading").querySelector("[data-change]") === null;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-step]") : null;
  if (button !== null) stepTo(button.closest(".reading"), Number(button.dataset.step));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "n" && event.key !== "p")) return;
  if (event.target instanceof Element && event.target.closest("input, select, textarea") !== null) return;
  const reading = currentReading();
  if (reading === null) return;
  stepTo(reading, event.key === "n" ? 1 : -1);
  event.preventDefault();
});

function light(event) {
  const mark = event.target instanceof Element ? event.target.closest(".pair") : null;
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  const partner = mark === null ? null : document.getElementById(mark.dataset.to);
  for (const found of partner === null ? [] : [mark, partner]) found.classList.add("lit");
}
document.addEventListener("mouseover", light);
document.addEventListener("focusin", light);

// A link into a folded part would lead nowhere: unfold it first.
function unfold() {
  const target = document.getElementById(location.hash.slice(1));
  for (let part = target?.closest("details") ?? null; part !== null; part = part.parentElement?.closest("details") ?? null) {
    part.open = true;
  }
  target?.scrollIntoView({ block: "center" });
}
window.addEventListener("hashchange", unfold);
readyReadings(document);
unfold();
