"use strict";
// A page of a server: what has come in since it was made is counted, and the page offered anew.
(() => {
  const source = new EventSource(document.currentScript.dataset.events);
  const line = document.createElement("p");
  line.className = "note";
  line.setAttribute("role", "status");
  document.getElementById("main").prepend(line);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Reload";
  button.addEventListener("click", () => window.location.reload());
  let count = 0;
  const tell = (words) => line.replaceChildren(`${words} since this page was made. `, button);
  source.addEventListener("admitted", () => {
    count += 1;
    tell(count === 1 ? "1 article came in" : `${count.toLocaleString("en")} articles came in`);
  });
  source.addEventListener("reset", () => {
    count = 0;
    tell("Much has happened");
  });
  window.addEventListener("pagehide", () => source.close());
})();
