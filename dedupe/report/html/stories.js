// The list of stories: found, filtered, ordered and opened. All of it is in the element "data", and
// every string of it is put into the page as text. Filters and the open story stand in the address.

const SVG = "http://www.w3.org/2000/svg";
const ROWS = 60;
const ARTICLES = 12;
const OUTLETS = 10;
const NEWEST = 8;
const TALLEST = 84;
const field = (id) => document.getElementById(id);

let data;
let dayNumbers;
let stories;
let byId;
let largest;

// Large data is compressed, and in base64.
async function unpacked() {
  const text = field("data").textContent;
  if (text.startsWith("{")) return JSON.parse(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function taken([id, headline, articles, reports, weakest, dates, terms, front, notes, pairs, members], place) {
  const story = { id, articles, reports, weakest, dates, terms, front, notes, pairs, place };
  story.members = members.map(([depth, name, headline, source, day, minute, relation, scores, origin, path, dot, remarks]) => ({
    depth, name, source: data.sources[source], day, minute, scores, dot, remarks,
    headline: data.headlines[headline] || `id ${name}`,
    relation: relation < 0 ? "" : data.relations[relation][0],
    label: relation < 0 ? "represents the story" : data.relations[relation][1],
    address: origin < 0 ? "" : data.origins[origin] + path,
  }));
  story.headline = data.headlines[headline] || story.members[0].headline;
  story.last = story.members.reduce((last, member) => Math.max(last, moment(member)), -Infinity);
  return story;
}

// Minutes since 1970; a day alone is behind all its hours, no date is before all.
function moment(member) {
  return member.day < 0 ? -Infinity : 1440 * dayNumbers[member.day] + (member.minute < 0 ? 1439.5 : member.minute);
}

function clock(minute) {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function when(member) {
  if (member.day < 0) return "undated";
  const time = member.minute < 0 ? "" : `, ${clock(member.minute)} UTC`;
  return data.days[member.day][1] + time;
}

function counted(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many ?? `${one}s`}`;
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const make = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const draw = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);
const written = (text) => make("span", { dir: "auto" }, text);

function headline(member) {
  if (member.address === "") return written(member.headline);
  return make("a", { href: member.address, rel: "noopener noreferrer", dir: "auto" }, member.headline);
}

function bar(value, name) {
  return make("span", { class: "score" }, make("span", { class: "score-name" }, name), " ",
    draw("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { class: "bar-whole", width: 100, height: 10 }),
      draw("rect", { class: "bar-part", width: value, height: 10 })),
    " ", make("span", { class: "number" }, (value / 100).toFixed(2)));
}

// --- one story ---

function articleRow(member) {
  const [copied, cosine, story] = member.scores;
  const scores = make("p", { class: "row-scores" }, make("span", { class: `relation ${member.relation || "head"}` }, member.label));
  if (member.scores.length > 0) {
    scores.append(" ", member.depth > 0 ? bar(copied, "copied") : bar(story, "story"));
    if (cosine >= 0) scores.append(" ", bar(cosine, "cosine"));
  }
  const about = make("p", { class: "meta" });
  if (member.source !== "") about.append(written(member.source), " · ");
  about.append(`${when(member)} · `, make("span", { class: "id", dir: "auto" }, member.name));
  return make("div", { class: "row" },
    make("p", { class: "row-head", tabindex: "-1" }, make("span", { class: "sign", "aria-hidden": "true" }, member.depth > 0 ? "↳" : "●"), headline(member)),
    about, scores, ...member.remarks.map((remark) => make("p", { class: "meta", dir: "auto" }, remark)));
}

// Copies are lists inside of the article that they are copies of.
function articleTree(members) {
  const top = make("ul", { class: "articles" });
  const path = [top];
  for (const member of members) {
    const item = make("li", {}, articleRow(member));
    while (path.length > member.depth + 1) path.pop();
    let list = path[path.length - 1];
    if (path.length < member.depth + 1) {
      const copies = make("ul", { "aria-label": "Copies" });
      list.lastElementChild.append(copies);
      path.push(copies);
      list = copies;
    }
    list.append(item);
  }
  return top;
}

// The first of them; the others follow when they are asked for.
function articleList(members) {
  const list = make("div", {}, articleTree(members.slice(0, members.length > ARTICLES + 3 ? ARTICLES : members.length)));
  if (members.length <= ARTICLES + 3) return list;
  const more = make("button", { type: "button" }, `Show all ${members.length} articles`);
  more.addEventListener("click", () => {
    const all = articleTree(members);
    list.replaceChildren(all);
    all.querySelectorAll(".row")[ARTICLES].querySelector("a, .row-head").focus();
  });
  list.append(make("p", {}, more));
  return list;
}

function timeLine(story) {
  const dated = story.members.filter((member) => member.dot !== null);
  if (new Set(dated.map(moment)).size < 2) return [];
  const highest = Math.max(...dated.map((member) => member.dot[1]));
  const step = Math.min(9, TALLEST / (highest + 1));
  const height = Math.ceil(step * highest + 12);
  const order = [...dated].sort((a, b) => moment(a) - moment(b));
  const dots = dated.map((member) => draw("circle", {
    class: member.depth > 0 ? "ring" : "dot", cx: `${member.dot[0] / 10}%`, cy: height - 6 - step * member.dot[1], r: 4,
  }, draw("title", {}, `${member.headline} – ${member.source}, ${when(member)}`)));
  const key = dated.some((member) => member.depth > 0) ? "● report ○ copy" : "● report";
  return [make("figure", { class: "time" },
    draw("svg", { role: "img", width: "100%", height, "aria-label": `Time line: ${counted(dated.length, "dated article")}, ${when(order[0])} to ${when(order[order.length - 1])}` },
      draw("line", { class: "axis", x1: 0, x2: "100%", y1: height - 6, y2: height - 6 }), ...dots),
    make("figcaption", {}, make("span", {}, when(order[0])), make("span", { class: "time-key" }, key), make("span", {}, when(order[order.length - 1]))))];
}

function outletBars(story) {
  const counts = new Map();
  for (const member of story.members) {
    if (member.source === "") continue;
    const found = counts.get(member.source) ?? { own: 0, copied: 0 };
    found[member.depth > 0 ? "copied" : "own"] += 1;
    counts.set(member.source, found);
  }
  if (counts.size < 2) return [];
  const all = [...counts].sort(([, a], [, b]) => b.own + b.copied - a.own - a.copied || b.own - a.own);
  const most = all[0][1].own + all[0][1].copied;
  const rows = all.slice(0, OUTLETS).map(([name, { own, copied }]) => make("tr", {},
    make("th", { scope: "row" }, written(name)),
    make("td", {}, draw("svg", { class: "outlet-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { class: "copied", width: 100 * (own + copied) / most, height: 10 }),
      draw("rect", { class: "own", width: 100 * own / most, height: 10 }))),
    make("td", { class: "number" }, [own > 0 ? counted(own, "report") : "", copied > 0 ? counted(copied, "copy", "copies") : ""].filter(Boolean).join(", "))));
  const more = all.length - rows.length;
  return [make("div", {}, make("h4", {}, counted(all.length, "outlet")), make("table", { class: "outlets" }, make("tbody", {}, ...rows)),
    ...(more > 0 ? [make("p", { class: "note" }, `and ${more} more`)] : []))];
}

// Each two of the reports: how likely they report one event, and how much of one stands in the other.
function heatMap({ headline, pairs, members }) {
  if (pairs === null) return [];
  const [at, percents] = pairs;
  const bounds = [[20, 50, 70, 90], [5, 20, 40, 60]];
  const shade = (value, which) => bounds[which].filter((bound) => value >= bound).length;
  const cell = (i, j, value) => {
    if (i === j) return make("td", { class: "self" }, "·");
    return value < 0 ? make("td", {}, "?") : make("td", { class: `heat-${shade(value, i > j ? 0 : 1)}` }, String(value));
  };
  const rows = percents.map((row, i) => make("tr", {},
    make("th", { scope: "row" }, `${i + 1} `, make("span", { class: "heat-name", dir: "auto" }, members[at[i]].source || members[at[i]].headline)),
    ...row.map((value, j) => cell(i, j, value))));
  const head = make("tr", {}, make("td", {}), ...at.map((_, i) => make("th", { scope: "col" }, String(i + 1))));
  return [make("details", { class: "part" },
    make("summary", {}, `How alike ${counted(at.length, "independent report")} are`),
    make("p", { class: "note" }, "Below the diagonal: story score, how likely the two report one event. Above it: share of the shorter text’s five-word sequences that stand in the other. In percent; a question mark stands for two that have too little in common to be judged. Reports that are most alike stand next to each other."),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Pairs of reports: ${headline}` },
      make("table", { class: at.length > 12 ? "heat many" : "heat" }, make("thead", {}, head), make("tbody", {}, ...rows))))];
}

function terms(story) {
  if (story.terms.length === 0) return [];
  return [make("ul", { class: "chips", "aria-label": "Terms in common" }, ...story.terms.map(([text, held]) =>
    make("li", {}, written(text), " ", make("span", { class: "number" }, `${held}/${story.articles}`))))];
}

function weakest(story) {
  return story.weakest < 0 || story.articles < 3 ? "" : `weakest link ${(story.weakest / 100).toFixed(2)} · `;
}

// In a few lines who was first, who told it, and what they say.
function front({ front: lines }) {
  if (lines.length === 0) return [];
  const parted = (pieces) => pieces.flatMap((piece, at) => (at > 0 ? [" · ", written(piece)] : [written(piece)]));
  return [make("dl", { class: "front" }, ...lines.map(([label, pieces]) =>
    make("div", {}, make("dt", {}, label), make("dd", {}, ...parted(pieces)))))];
}

function detail(story) {
  const held = Array.from(document.querySelectorAll(".held-story")).find((found) => found.dataset.story === story.id);
  const beside = [...timeLine(story), ...outletBars(story)];
  const about = make("div", { class: "detail" },
    ...front(story),
    make("p", { class: "sums" }, weakest(story),
      make("a", { class: "permalink", href: addressOf({ story: story.id }) }, "Link to this story")),
    ...story.notes.map((note) => make("p", { class: "note", dir: "auto" }, note)),
    articleList(story.members), ...terms(story),
    ...(beside.length > 0 ? [make("div", { class: "pictures" }, ...beside)] : []),
    ...heatMap(story));
  if (held !== undefined) {
    about.append(held);
    readyReadings(held);
  }
  return about;
}

// --- the list ---

function storyRow(story, number) {
  const copies = story.articles - story.reports;
  const outlets = new Set(story.members.map((member) => member.source).filter(Boolean)).size;
  const summary = make("summary", {},
    make("span", { class: "rank number" }, String(number)),
    make("h3", { dir: "auto" }, story.headline),
    make("span", { class: "match", dir: "auto" }),
    make("span", { class: "size" },
      draw("svg", { class: "size-bar", viewBox: `0 0 ${largest} 10`, preserveAspectRatio: "none", "aria-hidden": "true" },
        draw("rect", { class: "copied", width: story.articles, height: 10 }), draw("rect", { class: "own", width: story.reports, height: 10 })),
      " ", make("strong", { class: "number" }, String(story.articles)), make("span", { class: "unseen" }, `${story.articles === 1 ? " article" : " articles"}, ${counted(copies, "copy", "copies")}`)),
    make("span", { class: "facts-of" }, [
      outlets > 1 ? counted(outlets, "outlet") : story.members[0].source, story.dates].filter(Boolean).join(" · ")));
  const element = make("details", { class: "story" }, summary);
  element.addEventListener("toggle", () => toggled(story, element));
  return make("li", {}, element);
}

function toggled(story, element) {
  if (element.open && element.querySelector(".detail") === null) element.append(detail(story));
  if (element.open && state.story !== story.id) state.story = story.id;
  else if (!element.open && state.story === story.id) state.story = "";
  else return;
  remember();
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function textOf(story) {
  story.text ??= folded([story.id, ...story.members.flatMap((member) => [member.headline, member.source]), ...story.terms.map(([text]) => text)].join("\n"));
  return story.text;
}

const NAMES = ["find", "size", "source", "relation", "from", "to", "sort"];
const USUAL = { find: "", size: "1", source: "", relation: "", from: "", to: "", sort: field("sort").dataset.usual, story: "" };
const state = { ...USUAL };
let found = [];
let rows = [];
let words = [];

function within(story, { from, to }) {
  if (from === "" && to === "") return true;
  return story.members.some((member) => member.day >= 0
    && (from === "" || data.days[member.day][0] >= from) && (to === "" || data.days[member.day][0] <= to));
}

function answers(story) {
  return story.articles >= (Number(state.size) || 1)
    && (state.source === "" || story.members.some((member) => member.source === state.source))
    && (state.relation === "" || story.members.some((member) => member.relation === state.relation))
    && within(story, state)
    && words.every((word) => textOf(story).includes(word));
}

const ORDERS = {
  size: (a, b) => b.articles - a.articles || a.place - b.place,
  date: (a, b) => b.last - a.last || a.place - b.place,
  score: (a, b) => b.weakest - a.weakest || a.place - b.place,
};

function apply() {
  words = folded(state.find).split(/\s+/u).filter((word) => word !== "");
  found = stories.filter(answers);
  found.sort(state.sort === USUAL.sort ? (a, b) => a.place - b.place : ORDERS[state.sort]);
  rows = [];
  field("list").replaceChildren();
  addRows(ROWS);
  const unit = stories.length === 1 ? "story" : "stories";
  const all = stories.length.toLocaleString("en");
  field("status").textContent = found.length === stories.length ? `${all} ${unit}` : `${found.length.toLocaleString("en")} of ${all} ${unit}`;
  field("none").hidden = found.length > 0 || stories.length === 0;
  field("clear").hidden = NAMES.every((name) => state[name] === USUAL[name]);
  for (const day of document.querySelectorAll(".day")) {
    const inside = (state.from === "" || day.dataset.to >= state.from) && (state.to === "" || day.dataset.from <= state.to);
    day.classList.toggle("outside", !inside);
  }
}

function addRows(count) {
  const more = found.slice(rows.length, rows.length + count).map((story, at) => rowOf(story, rows.length + at + 1));
  rows.push(...more);
  field("list").append(...more);
  const left = found.length - rows.length;
  field("more").hidden = left === 0;
  field("more").textContent = `Show ${Math.min(left, ROWS)} more of ${left.toLocaleString("en")}`;
  return more;
}

// A row that was opened keeps its place in the memory: what it holds is in the page once.
function rowOf(story, number) {
  story.row ??= storyRow(story, number);
  story.row.querySelector(".rank").textContent = String(number);
  story.row.querySelector(".match").textContent = matched(story);
  return story.row;
}

// The headline that was searched for, where the story goes by another one.
function matched(story) {
  const holds = ({ headline }) => words.every((word) => folded(headline).includes(word));
  if (words.length === 0 || holds(story)) return "";
  return story.members.find(holds)?.headline ?? "";
}

// --- the address ---

function addressOf(values) {
  const given = Object.entries({ ...USUAL, ...values }).filter(([name, value]) => value !== USUAL[name]);
  return `#${new URLSearchParams(given)}`;
}

function remember() {
  const address = addressOf(state);
  if (location.hash !== address) history.replaceState(null, "", address === "#" ? location.pathname + location.search : address);
}

function recall() {
  const target = document.getElementById(location.hash.slice(1));
  if (target === null) {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(USUAL)) state[name] = given.get(name) ?? USUAL[name];
    show();
    if (state.story !== "") openStory(state.story);
    return;
  }
  if (rows.length === 0) show();
  const held = target.closest(".held-story");
  if (held !== null && held.closest(".story[open]") === null) openStory(held.dataset.story);
  unfold();
}

// What the page does not offer is no filter.
function show() {
  for (const name of NAMES) {
    const input = field(name);
    if (input !== null) input.value = state[name];
    state[name] = input?.value || USUAL[name];
  }
  for (const name of NAMES) if (field(name) !== null) field(name).value = state[name];
  apply();
}

function openStory(id) {
  const story = byId.get(id);
  if (story === undefined) return;
  if (!found.includes(story)) {
    Object.assign(state, USUAL);
    show();
  }
  state.story = id;
  while (!rows.includes(story.row)) addRows(ROWS);
  const element = story.row.firstElementChild;
  if (element.querySelector(".detail") === null) element.append(detail(story));
  element.open = true;
  element.scrollIntoView({ block: "start" });
  element.firstElementChild.focus({ preventScroll: true });
}

// Browsers let a page set its address so many times a minute only.
let waiting = 0;
function typed() {
  for (const name of NAMES) state[name] = field(name)?.value || USUAL[name];
  apply();
  clearTimeout(waiting);
  waiting = setTimeout(remember, 200);
}

function set(values) {
  for (const [name, value] of Object.entries(values)) field(name).value = value;
  typed();
}

function newest() {
  const order = stories.filter((story) => story.last > -Infinity).sort(ORDERS.date).slice(0, NEWEST);
  field("newest").append(...order.map((story) => {
    const last = story.members.find((member) => moment(member) === story.last);
    return make("li", {}, make("a", { href: addressOf({ story: story.id }), dir: "auto" }, story.headline),
      make("p", { class: "meta" }, `${when(last)} · ${counted(story.articles, "article")}`));
  }));
  field("newest").closest("section").hidden = order.length === 0;
}

document.querySelector(".filters").addEventListener("input", typed);
field("clear").addEventListener("click", () => set(Object.fromEntries(NAMES.filter((name) => field(name) !== null).map((name) => [name, USUAL[name]]))));
field("more").addEventListener("click", () => addRows(ROWS)[0]?.querySelector("summary").focus());
document.addEventListener("click", (event) => {
  const outlet = event.target.closest?.("[data-outlet]");
  if (outlet) set({ source: outlet.dataset.outlet });
  const day = event.target.closest?.(".day");
  if (day) set(state.from === day.dataset.from && state.to === day.dataset.to ? { from: "", to: "" } : { from: day.dataset.from, to: day.dataset.to });
});

async function start() {
  if (!field("data").textContent.startsWith("{") && !("DecompressionStream" in window)) {
    field("cannot").hidden = false;
    return;
  }
  data = await unpacked();
  dayNumbers = data.days.map(([iso]) => Date.parse(iso) / 86_400_000);
  stories = data.stories.map(taken);
  byId = new Map(stories.map((story) => [story.id, story]));
  largest = stories.reduce((most, story) => Math.max(most, story.articles), 1);
  document.querySelector(".board").hidden = false;
  window.addEventListener("hashchange", recall);
  newest();
  recall();
}
start();
