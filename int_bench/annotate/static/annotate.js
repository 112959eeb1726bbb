// The page of an attempt: marks a step, sends the answer, and does by key all that can be done by mouse.
"use strict";

const form = document.getElementById("answer"); // only on the page of an attempt
const trouble = document.getElementById("trouble");
const steps = [...document.querySelectorAll("input[name=location]")];
let busy = false;
let unsaved = false;

// Time for which the page was in view.
let viewed = 0;
let since = document.hidden ? null : performance.now();
document.addEventListener("visibilitychange", () => {
  if (since !== null) viewed += performance.now() - since;
  since = document.hidden ? null : performance.now();
});
const seconds = () => Math.round((viewed + (since === null ? 0 : performance.now() - since)) / 100) / 10;

async function ask(path, body) {
  const reply = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.error);
  return said;
}

// Send an answer or its undoing, and go where the server says.
async function send(path, body) {
  if (busy) return;
  busy = true;
  try {
    const said = await ask(path, body);
    unsaved = false;
    location.assign(said.next);
  } catch (error) {
    busy = false;
    const alone = error instanceof TypeError; // what fetch throws when nobody answers
    trouble.textContent = alone ? "Not saved: the server does not answer. Start it again, then save again." : error.message;
    trouble.hidden = false;
  }
}

function save(status) {
  const found = status === "proposed";
  const marked = steps.find((step) => step.checked);
  send("/answers", {
    rollout_id: form.dataset.rollout,
    attempt: form.dataset.attempt,
    status,
    location: found && marked ? Number(marked.value) : null,
    content: found ? form.elements.content.value.trim() : "",
    category: (found && form.elements.category.value) || null,
    seconds: seconds(),
  });
}

const undo = () => send("/undo", {});

function move(by) {
  const marked = steps.findIndex((step) => step.checked);
  const next = marked < 0 ? 0 : Math.min(Math.max(marked + by, 0), steps.length - 1);
  steps[next].checked = true;
  steps[next].focus({ preventScroll: true });
  steps[next].closest("li").scrollIntoView({ block: "nearest" });
  unsaved = true;
}

function mark(category) {
  form.querySelector(`input[name=category][value=${category}]`).checked = true;
  unsaved = true;
}

const keys = {
  u: undo,
  ...(form && {
    j: () => move(1),
    k: () => move(-1),
    w: () => form.elements.content.focus(),
    h: () => mark("HIGH"),
    e: () => mark("EXECUTION"),
    n: () => save("no_error"),
    s: () => save("skipped"),
  }),
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea");
  const modified = event.ctrlKey || event.metaKey;
  if (form && event.key === "Enter" && modified) {
    event.preventDefault();
    if (!event.repeat) save("proposed");
  } else if (writing && event.key === "Escape") {
    event.target.blur();
  } else if (!writing && !modified && !event.altKey && Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    if (!event.repeat || "jk".includes(event.key)) keys[event.key]();
  }
});

document.querySelector("[data-undo]")?.addEventListener("click", undo);

if (form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of form.querySelectorAll("[data-status]")) {
    button.addEventListener("click", () => save(button.dataset.status));
  }

  // Whoever selects text to copy it does not mark the step.
  document.querySelector(".steps").addEventListener("click", (event) => {
    if (getSelection().toString()) event.preventDefault();
  });

  let waiting;
  const preview = () =>
    ask("/preview", { text: form.elements.content.value })
      .then((said) => (document.getElementById("preview").innerHTML = said.html))
      .catch(() => {});
  form.elements.content.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(preview, 200);
  });
  if (form.elements.content.value) preview();

  document.addEventListener("input", () => (unsaved = true));
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}
