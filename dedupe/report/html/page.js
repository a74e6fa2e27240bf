"use strict";
// Everything is in the document without this script; it only finds, hides and lights up.

function partners(mark) {
  const ids = mark.dataset.to.split(" ");
  return ids.map((id) => document.getElementById(id)).filter((found) => found !== null);
}

// Scrolls the pane, never the page: the reader stays where they are.
function reveal(mark) {
  const pane = mark.closest(".pane");
  if (pane === null || pane.scrollHeight <= pane.clientHeight) return;
  const inner = mark.getBoundingClientRect();
  const outer = pane.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    pane.scrollTop += inner.top - outer.top - outer.height / 3;
  }
}

function darken() {
  for (const mark of document.querySelectorAll(".lit")) mark.classList.remove("lit");
}

function light(event) {
  const mark = event.target instanceof Element ? event.target.closest(".pair") : null;
  if (mark === null) return;
  darken();
  const found = partners(mark);
  for (const other of [mark, ...found]) other.classList.add("lit");
  if (found.length > 0) reveal(found[0]);
}

for (const reading of document.querySelectorAll(".reading")) {
  reading.addEventListener("mouseover", light);
  reading.addEventListener("focusin", light);
  reading.addEventListener("mouseleave", darken);
  reading.addEventListener("focusout", darken);
}

// A link into a folded part would lead nowhere: unfold it first.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target === null ? null : target.closest("details");
  if (part !== null) part.open = true;
}
window.addEventListener("hashchange", unfold);

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function filters() {
  const form = document.querySelector(".filters");
  if (form === null) return;
  const field = (id) => document.getElementById(id);
  const stories = Array.from(document.querySelectorAll(".story"), (element) => ({
    element,
    size: Number(element.dataset.size),
    text: null,
    sources: null,
    relations: null,
  }));
  const values = (story, name) => new Set(
    Array.from(story.element.querySelectorAll(`[data-${name}]`), (found) => found.dataset[name]));
  const textOf = (story) => folded(
    Array.from(story.element.querySelectorAll(".text"), (found) => found.textContent).join("\n"));

  function holds(story, words, size, source, relation) {
    story.text ??= textOf(story);
    story.sources ??= values(story, "source");
    story.relations ??= values(story, "relation");
    return story.size >= size
      && (source === "" || story.sources.has(source))
      && (relation === "" || story.relations.has(relation))
      && words.every((word) => story.text.includes(word));
  }

  function apply() {
    const words = folded(field("find").value).split(/\s+/u).filter((word) => word !== "");
    const size = Number(field("size").value) || 1;
    let shown = 0;
    for (const story of stories) {
      const found = holds(story, words, size, field("source").value, field("relation").value);
      story.element.hidden = !found;
      shown += found ? 1 : 0;
    }
    const all = stories.length;
    const unit = all === 1 ? "story" : "stories";
    field("status").textContent = shown === all ? `${all} ${unit}` : `${shown} of ${all} ${unit}`;
    field("none").hidden = shown > 0 || all === 0;
  }

  form.addEventListener("input", apply);
  form.hidden = false;
  apply(); // the browser may have kept what was typed before
}
filters();
unfold();
