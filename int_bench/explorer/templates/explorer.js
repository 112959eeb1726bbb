"use strict";
// Every example is in the page; one is shown at a time, and the filters decide among which one goes on.
const examples = [...document.querySelectorAll("article.example")];
const links = new Map(
  [...document.querySelectorAll("#index a")].map((link, i) => [examples[i], link]),
);
const filters = document.getElementById("filters");
const texts = new Map(); // of each example in lower case, made when it is first searched
let found = examples;
let current = null;

function textOf(example) {
  if (!texts.has(example)) texts.set(example, example.textContent.toLowerCase());
  return texts.get(example);
}

function fits(example) {
  for (const { name, value } of filters.querySelectorAll("select")) {
    const has = name === "arm" ? example.dataset.arm.split(" ") : [example.dataset[name]];
    if (value && !has.includes(value)) return false;
  }
  const words = filters.elements.search.value.toLowerCase().split(/\s+/);
  return words.every((word) => textOf(example).includes(word));
}

function show(example) {
  if (current) {
    current.classList.remove("current");
    links.get(current).removeAttribute("aria-current");
  }
  current = example;
  const place = found.indexOf(example);
  document.getElementById("place").value = `${place + 1} of ${found.length}`;
  document.getElementById("previous").disabled = place <= 0;
  document.getElementById("next").disabled = place === found.length - 1;
  document.getElementById("nothing").hidden = found.length > 0;
  if (!example) return;
  example.classList.add("current");
  const link = links.get(example);
  link.setAttribute("aria-current", "true");
  const list = document.getElementById("index");
  list.scrollTop = link.offsetTop - list.clientHeight / 2; // not scrollIntoView, which would also move the page
}

function filter() {
  found = examples.filter(fits);
  for (const [example, link] of links) link.parentElement.hidden = !found.includes(example);
  show(found.includes(current) ? current : (found[0] ?? null));
}

function remember() {
  if (current) history.replaceState(null, "", links.get(current).hash);
}

function move(by) {
  const example = found[found.indexOf(current) + by];
  if (!example) return;
  show(example);
  remember();
  if (filters.getBoundingClientRect().top <= 0) example.scrollIntoView();
}

function follow() {
  const example = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!links.has(example)) return; // some other place of the page
  if (!found.includes(example)) {
    filters.reset();
    filter();
  }
  show(example);
}

filters.addEventListener("input", () => {
  filter();
  remember();
});
filters.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("previous").addEventListener("click", () => move(-1));
document.getElementById("next").addEventListener("click", () => move(1));
window.addEventListener("hashchange", follow);
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select") || event.ctrlKey || event.altKey || event.metaKey) return;
  const by = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
  if (by) move(by);
  if (event.key === "/") {
    event.preventDefault();
    filters.elements.search.focus();
  }
});

filters.reset(); // a browser may remember what was chosen before the page was loaded again
filter();
follow();
