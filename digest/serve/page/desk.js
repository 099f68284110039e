// The desk: switches the view of the mail, and shows it anew when the plan or a template changes.
"use strict";

const page = document.body;
const stage = document.getElementById("stage");
const mail = document.getElementById("mail");
const text = document.getElementById("text");
const state = document.getElementById("state");
const view = { width: "600", colours: "light", part: "html" };

function show(change) {
  Object.assign(view, change);
  for (const button of document.querySelectorAll(".switches button")) {
    const [[what, value]] = Object.entries(button.dataset);
    button.setAttribute("aria-pressed", String(view[what] === value));
  }
  mail.hidden = !hasMail() || view.part === "text";
  text.hidden = !hasMail() || view.part === "html";
  mail.style.width = view.width === "full" ? "100%" : `${view.width}px`;
  mail.classList.toggle("dark", view.colours === "dark");
  fit();
}

function hasMail() {
  return document.querySelector("#fault p") === null;
}

// As high as its content, so that the page scrolls and the mail is exactly as wide as it says.
function fit() {
  const root = mail.contentDocument?.documentElement;
  if (mail.hidden || !root) return;
  const place = stage.scrollTop;
  mail.style.height = "0";
  mail.style.height = `${root.scrollHeight}px`;
  stage.scrollTop = place;
}

const resized = new ResizeObserver(fit);
function take() {
  fit();
  resized.disconnect();
  if (mail.contentDocument?.body) resized.observe(mail.contentDocument.body); // a late picture makes it grow
  mail.contentDocument?.addEventListener("keydown", press);
}
mail.addEventListener("load", take);

async function ask(address) {
  const response = await fetch(address).catch(() => {
    throw new Error("digest preview has stopped");
  });
  if (response.ok) return response.text();
  throw new Error(response.status === 403 ? await response.text() : "The preview failed: see the terminal");
}

async function showAnew() {
  const fresh = new DOMParser().parseFromString(await ask("/"), "text/html");
  document.title = fresh.title;
  for (const id of ["issue", "inbox", "fault", "text", "side"]) {
    document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
  page.dataset.stamp = fresh.body.dataset.stamp;
  if (hasMail()) mail.contentWindow.location.replace("/mail"); // replace: Back leads out of the page, not to an earlier mail
  show({});
}

async function watch() {
  try {
    if ((await ask("/stamp")) !== page.dataset.stamp) {
      await showAnew();
      say(`Shown anew at ${new Date().toLocaleTimeString()}`);
    } else if (state.classList.contains("stopped")) {
      say("Follows the plan and the templates");
    }
  } catch (error) {
    say(error.message, true);
  }
  setTimeout(watch, 1000);
}

function say(words, stopped = false) {
  if (state.textContent !== words) state.textContent = words;
  state.classList.toggle("stopped", stopped);
}

const keys = {
  1: () => show({ width: "375" }),
  2: () => show({ width: "600" }),
  3: () => show({ width: "full" }),
  d: () => show({ colours: view.colours === "dark" ? "light" : "dark" }),
  t: () => show({ part: view.part === "text" ? "html" : "text" }),
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  keys[event.key]?.();
}

document.addEventListener("keydown", press);
for (const button of document.querySelectorAll(".switches button")) {
  button.addEventListener("click", () => show({ ...button.dataset }));
}
window.addEventListener("resize", fit);
show({});
take(); // the mail may have been there before this script
setTimeout(watch, 1000);
