// The page works without this file; with it, messages arrive by themselves and the boxes complete what is typed.
"use strict";

const page = document.body;
const words = document.getElementById("words").dataset;
const reader = { lang: page.dataset.lang, role: page.dataset.role };
const MOST_LINES = 120;
const TOAST = 5000; // milliseconds

// -- the rooms -------------------------------------------------------------------------------------------------------

function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // drawn and escaped by the server
  return holder.content.firstElementChild;
}

const isAtEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 120;
const toEnd = (list) => { list.scrollTop = list.scrollHeight; };

function show(line) {
  const room = document.querySelector(`.room[data-room="${CSS.escape(line.room)}"]`);
  if (!room) return;
  const list = room.querySelector(".lines");
  const fresh = parse(line.html);
  const known = document.getElementById(line.ref);
  const follow = isAtEnd(list) || line.voice === "person";
  if (known) {
    const held = known.contains(document.activeElement);
    known.replaceWith(fresh);
    if (held) fresh.querySelector(".key")?.focus();
  } else {
    fresh.classList.add("fresh");
    list.querySelector(".empty").hidden = true;
    list.append(fresh);
    while (list.children.length > MOST_LINES) list.children[1].remove();
    if (room.offsetParent === null) document.querySelector(`#tab-${room.dataset.tab} + span .unread`).hidden = false;
    if (line.voice === "bot" && !line.silent) ring();
  }
  if (follow) toEnd(list);
}

function ring() {
  const bell = document.querySelector(".brand .bell");
  bell.classList.remove("ringing");
  void bell.getBoundingClientRect();
  bell.classList.add("ringing");
}

document.querySelectorAll(".lines").forEach(toEnd);
document.querySelectorAll('.tabs input').forEach((tab) => tab.addEventListener("change", () => {
  tab.parentElement.querySelector(".unread")?.setAttribute("hidden", "");
  document.querySelectorAll(".lines").forEach(toEnd);
}));

// -- what is for this reader alone -----------------------------------------------------------------------------------

function tell(room, answer) {
  const strip = room.querySelector(".private");
  const list = room.querySelector(".lines");
  const follow = isAtEnd(list);
  strip.replaceChildren();
  strip.hidden = !answer.notice && !answer.html;
  if (strip.hidden) return;
  const manner = room.dataset.tab;
  strip.classList.toggle("toast", !answer.html);
  const why = Object.assign(document.createElement("p"), { className: "why" });
  why.textContent = manner === "telegram" ? words.privateTelegram : words.privateDiscord;
  strip.append(why);
  if (answer.html) strip.append(parse(answer.html));
  strip.querySelector("[name=text]")?.focus();
  if (answer.notice) strip.append(Object.assign(document.createElement("p"), { textContent: answer.notice }));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => { strip.hidden = true; room.querySelector(".box input").focus(); });
  strip.append(close);
  if (follow) toEnd(list); // the strip took some of its room
  if (!answer.html) {
    clearTimeout(strip.timer);
    strip.timer = setTimeout(() => { strip.hidden = true; }, TOAST);
  }
}

async function post(url, fields) {
  const body = new URLSearchParams({ ...reader, ...fields });
  const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.status === 502 ? await response.text() : words.failed);
  return response.json();
}

document.querySelectorAll(".room").forEach((room) => {
  const name = room.dataset.room;
  room.addEventListener("submit", async (event) => {
    if (event.target.matches(".box")) return;
    event.preventDefault();
    const { form, dataset, value } = event.submitter;
    const menu = form.elements[dataset.menu];
    const typed = form.elements.text;
    const fields = { room: name, ref: dataset.ref, data: menu ? menu.value : value, text: typed ? typed.value : "" };
    if (!fields.data) {
      menu.focus(); // nothing was chosen
      return;
    }
    try {
      tell(room, await post("/press", fields));
    } catch {
      if (!typed) tell(room, { notice: words.failed }); // what was typed stays, to be sent again
    }
  });
  room.querySelector(".lines").addEventListener("click", (event) => {
    const command = event.target.closest(".command");
    if (command) box.take(command.dataset.command + " ");
  });
  const box = completing(room);
});

// -- the box, completed as its platform would ------------------------------------------------------------------------

function completing(room) {
  const name = room.dataset.room;
  const form = room.querySelector(".box");
  const input = form.querySelector("input[type=text]");
  const list = form.querySelector(".proposals");
  let at = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (to) => {
    const options = [...list.children];
    at = (to + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  };
  const take = (text) => {
    input.value = text;
    input.focus();
    propose();
  };
  const propose = async () => {
    const mine = ++asked;
    if (!input.value.startsWith("/")) return close();
    let offered = [];
    try {
      const query = new URLSearchParams({ ...reader, room: name, text: input.value });
      offered = await (await fetch(`/complete?${query}`)).json();
    } catch { /* the core is away: nothing to propose */ }
    if (mine !== asked) return undefined;
    offered = offered.filter((one) => one.insert !== input.value);
    if (!offered.length) return close();
    list.replaceChildren(...offered.map((one, n) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${n}`;
      option.role = "option";
      option.dataset.insert = one.insert;
      const label = Object.assign(document.createElement("b"), { textContent: one.label });
      option.append(label, Object.assign(document.createElement("span"), { textContent: one.about }));
      return option;
    }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    at = -1;
    return undefined;
  };

  input.addEventListener("input", propose);
  input.addEventListener("focus", () => { if (input.value) propose(); });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at < 0 ? -1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) take(list.children[at].dataset.insert);
    else if (event.key === "Tab" && !event.shiftKey) take(list.children[Math.max(at, 0)].dataset.insert);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) take(option.dataset.insert);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    asked += 1;
    close();
    input.value = "";
    try {
      tell(room, await post("/say", { room: name, text }));
    } catch {
      input.value = input.value || text;
      tell(room, { notice: words.failed });
    }
  });
  return { take };
}

// -- the pulse: is the core there? -----------------------------------------------------------------------------------

const pulse = document.getElementById("pulse");
let awaySince = 0;

function beat(state) {
  pulse.dataset.state = state;
  page.classList.toggle("away", state === "away");
  pulse.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== state; });
}

function listen() {
  let last = page.dataset.after;
  const stream = new EventSource(`/events?${new URLSearchParams({ ...reader, after: last })}`);
  stream.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    if (hello.reload) return location.reload();
    document.getElementById("pid").textContent = hello.pid;
    if (!awaySince) return beat("alive");
    const seconds = (Date.now() - awaySince) / 1000;
    document.getElementById("gap").textContent = `${seconds.toLocaleString(reader.lang, { maximumFractionDigits: 1 })} s`;
    awaySince = 0;
    beat("back");
    refresh();
    return setTimeout(() => { if (!awaySince) beat("alive"); }, 6000);
  });
  stream.addEventListener("line", (event) => {
    last = event.lastEventId;
    page.dataset.after = last;
    show(JSON.parse(event.data));
  });
  stream.addEventListener("error", () => {
    awaySince ||= Date.now();
    beat(Date.now() - awaySince > 40000 ? "lost" : "away");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
}
listen();

// -- the story -------------------------------------------------------------------------------------------------------

const story = document.getElementById("story");

function know(state) {
  if (!story || !("kills" in state)) return;
  document.getElementById("kills").textContent = state.kills;
  story.querySelector(".play").setAttribute("aria-pressed", String(state.playing));
  story.querySelector('[data-action="down"]').setAttribute("aria-pressed", String(state.down));
}

async function refresh() {
  if (!story) return;
  try { know(await (await fetch("/demo/state")).json()); } catch { /* later */ }
}

story?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  button.setAttribute("aria-busy", "true");
  const watch = document.getElementById("watch");
  try {
    const state = await post(`/demo/${button.dataset.action}`, {});
    know(state);
    watch.querySelector("span").textContent = state.watch;
  } catch (error) {
    watch.querySelector("span").textContent = error.message;
  }
  watch.classList.remove("new");
  void watch.offsetWidth;
  watch.classList.add("new");
  button.removeAttribute("aria-busy");
});
