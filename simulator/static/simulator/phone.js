"use strict";
/* The simulated phone: draws one chat, sends what is written, asks every second what changed. */

const $ = (id) => document.getElementById(id);
const API = "/simulator/api/";
const POLL_MS = 700;
const PEOPLE = [["Ana Tavares", "+15550100111"], ["Mihai Ionescu", "+15550100112"], ["Lucía Gómez", "+15550100113"],
  ["Owner", "+15550100200"], ["Partner", "+15550100201"]];
const TICKS = { sending: ["◷", "sending"], sent: ["✓", "sent"], delivered: ["✓✓", "delivered"], read: ["✓✓", "read"],
  played: ["✓✓", "played"], failed: ["!", "failed"] };
const KINDS = { image: "Picture", voice: "Voice note", audio: "Audio", video: "Video", document: "Document",
  sticker: "Sticker", location: "Location", contacts: "Contact", template: "Template" };

let cursor = 0, replyTo = "", busy = false, typingUntil = 0, epoch = 0, atEnd = true, lastTop = 0;
const drawn = new Map();

/* ---- who and where */

function person() {
  const typed = ($("person").value || $("person").dataset.before || "").trim();
  const known = PEOPLE.find(([name]) => name === typed);
  if (known) return { name: known[0], address: known[1] };
  const parts = typed.match(/^(.*?)\s*(\+[\d\s().-]+|[A-Z]{2}\.\w+|\S+@\S+)$/);
  if (parts) return { name: parts[1] || nameOf(parts[2]), address: parts[2].replace(/[\s().-]/g, "") };
  return { name: "", address: /^\d{6,}$/.test(typed) ? "+" + typed : "" };
}

function nameOf(address) {
  const known = PEOPLE.find(([, number]) => number === address);
  return known ? known[0] : "";
}

async function loadChannels() {
  const response = await fetch(API + "channels");
  const data = await response.json();
  const wanted = $("channel").value || new URLSearchParams(location.search).get("channel");
  $("channel").replaceChildren(...data.channels.map((item) => {
    const option = new Option(`${item.provider} · ${item.name || item.display || item.external_id}`, item.external_id);
    option.selected = item.external_id === wanted;
    return option;
  }));
  const seen = [...PEOPLE, ...data.people.map((item) => [item.name, item.person])];
  const rows = new Map(seen.map(([name, number]) => [number, name]));
  $("people").replaceChildren(...[...rows].map(([number, name]) => new Option("", name ? `${name} ${number}` : number)));
  $("channel").disabled = $("send").disabled = !data.channels.length;
  if (data.channels.length) return describeEmpty();
  $("empty-title").textContent = "No channels yet";
  $("empty-text").textContent = `${data.problem}\nRun "bin/dev", or "bin/manage load_demo" beside a running product. ` +
    "This page looks again by itself.";
  setTimeout(loadChannels, 2000);
}

function describeEmpty() {
  const { name, address } = person();
  $("empty-title").textContent = address ? "Say hello" : "Who are you?";
  $("empty-text").textContent = address
    ? `Write below as ${name || address}. The desk answers here.`
    : "Pick a person above, or type a phone number beginning with +.";
}

function changeChat() {
  epoch += 1;
  atEnd = true;
  cursor = typingUntil = 0;
  clear();
  unquote();
  describeEmpty();
  const { address } = person();
  const query = new URLSearchParams({ channel: $("channel").value, person: address });
  history.replaceState(null, "", `?${query}`);
  poll();
}

/* ---- what came */

async function poll() {
  const { address } = person();
  const mine = epoch;
  if (!address || !$("channel").value) return;
  const query = new URLSearchParams({ channel: $("channel").value, person: address, since: cursor });
  try {
    const response = await fetch(`${API}conversation?${query}`);
    if (mine !== epoch) return;
    notice("");
    if (response.status === 200) draw(await response.json(), mine);
  } catch {
    notice("The simulator does not answer. Is it still running?");
  }
  $("typing").hidden = Date.now() > typingUntil;
}

function draw(data, mine) {
  if (mine !== epoch) return;
  if (data.forgotten) clear();
  cursor = data.cursor;
  typingUntil = Date.now() + data.typing_seconds * 1000;
  data.messages.forEach(drawBubble);
  $("empty").hidden = drawn.size > 0;
  $("typing").hidden = Date.now() > typingUntil;
  keepEnd();
}

function keepEnd() {
  if (atEnd) $("chat").scrollTop = $("chat").scrollHeight;
}

function drawBubble(message) {
  const old = drawn.get(message.id);
  const bubble = $("bubble-template").content.firstElementChild.cloneNode(true);
  const part = (name) => bubble.querySelector(name);
  bubble.dataset.author = message.author;
  bubble.dataset.tick = message.tick;
  bubble.dataset.id = message.id;
  part(".who").textContent = { owner: "Owner, own phone", desk: "Desk", customer: "You" }[message.author];
  part(".who").classList.toggle("sr", message.author !== "owner");
  part(".content").replaceChildren(...content(message));
  part(".choices").replaceChildren(...message.choices.map((choice) => choiceButton(message, choice)));
  const time = new Date(message.at * 1000);
  part("time").dateTime = time.toISOString();
  part("time").textContent = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  fill(part(".replied"), message.reply_to && textOf(message.reply_to));
  fill(part(".error"), message.error);
  fill(part(".reaction"), message.reaction);
  bubble.classList.toggle("reacted", Boolean(message.reaction));
  const [sign, word] = TICKS[message.tick] || ["", ""];
  fill(part(".tick"), sign);
  part(".tick").className = `tick ${message.tick}`;
  part(".tick").setAttribute("role", "img");
  part(".tick").setAttribute("aria-label", word);
  part(".reply").addEventListener("click", () => quote(message));
  part(".thumb").hidden = message.author === "customer";
  part(".thumb").addEventListener("click", () => send({ kind: "reaction", text: message.reaction ? "" : "👍", reply_to: message.id }));
  bubble.message = message;
  if (old) old.replaceWith(bubble);
  else $("bubbles").append(bubble);
  drawn.set(message.id, bubble);
}

function content(message) {
  const parts = [];
  if (message.media && ["image", "sticker"].includes(message.kind)) {
    const image = new Image();
    image.src = message.media;
    image.alt = KINDS[message.kind];
    parts.push(image);
  } else if (message.media && ["voice", "audio"].includes(message.kind)) {
    const audio = document.createElement("audio");
    audio.src = message.media;
    audio.controls = true;
    parts.push(audio);
  } else if (KINDS[message.kind]) {
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = KINDS[message.kind] + (message.text ? " " : "");
    parts.push(kind);
  }
  if (message.text) parts.push(document.createTextNode(message.text));
  return parts;
}

function choiceButton(message, choice) {
  const button = document.createElement(choice.kind === "link" && /^https?:/.test(choice.id) ? "a" : "button");
  button.textContent = choice.title;
  if (button.tagName === "A") {
    Object.assign(button, { href: choice.id, target: "_blank", rel: "noopener noreferrer" });
    return button;
  }
  button.type = "button";
  const kind = choice.kind === "list" ? "list" : "button";
  button.addEventListener("click", () => send({ kind, text: choice.title, choice: choice.id, reply_to: message.id }));
  return button;
}

/* ---- what goes */

async function send(what) {
  const { name, address } = person();
  if (!address) {
    notice("Choose who you are first: pick a person, or type a number beginning with +.");
    return $("person").focus();
  }
  const asOwner = $("as-owner").checked;
  const body = { channel: $("channel").value, person: address, name: asOwner ? "" : name, ...what };
  busy = true;
  const answer = fetch(API + (asOwner ? "owner" : "say"), { method: "POST", body: JSON.stringify(body) });
  setTimeout(poll, 60);
  try {
    const response = await answer;
    if (!response.ok) notice((await response.json()).error);
  } catch {
    notice("The simulator does not answer. Is it still running?");
  }
  busy = false;
  unquote();
  atEnd = true;
  await poll();
  keepEnd();
}

function sendText(event) {
  event.preventDefault();
  const text = $("composer").value.trim();
  if (!text || busy) return;
  if (!person().address) return send({});
  $("composer").value = "";
  send({ kind: "text", text, reply_to: replyTo });
}

/* ---- small things */

function fill(element, text) {
  element.textContent = text || "";
  element.hidden = !text;
}

function textOf(id) {
  const message = drawn.get(id)?.message;
  return message ? message.text || KINDS[message.kind] || "Message" : "";
}

function quote(message) {
  replyTo = message.id;
  $("quote").hidden = false;
  $("quote-text").textContent = message.text || KINDS[message.kind] || "Message";
  $("composer").focus();
}

function unquote() {
  replyTo = "";
  $("quote").hidden = true;
}

function notice(text) {
  fill($("notice"), text);
}

function clear() {
  drawn.clear();
  $("bubbles").replaceChildren();
  $("empty").hidden = false;
}

function start() {
  const asked = new URLSearchParams(location.search).get("person") || PEOPLE[0][1];
  const name = nameOf(asked.startsWith(" ") ? "+" + asked.trim() : asked);
  $("person").value = name ? `${name} ${asked.trim().replace(/^(?!\+)/, "+")}` : asked.replace(/^ /, "+");
  $("form").addEventListener("submit", sendText);
  $("person").addEventListener("change", changeChat);
  // An empty field lists everybody; left empty it goes back to who it was.
  $("person").addEventListener("focus", (event) => {
    event.target.dataset.before = event.target.placeholder = event.target.value;
    event.target.value = "";
  });
  $("person").addEventListener("blur", (event) => { event.target.value ||= event.target.dataset.before || ""; });
  $("channel").addEventListener("change", changeChat);
  $("chat").addEventListener("scroll", () => {
    const chat = $("chat");
    if (chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60) atEnd = true;
    else if (chat.scrollTop < lastTop) atEnd = false; // only a hand scrolls up: pictures that load push down
    lastTop = chat.scrollTop;
  });
  const grown = new ResizeObserver(keepEnd);
  ["bubbles", "typing", "chat"].forEach((id) => grown.observe($(id)));
  $("unquote").addEventListener("click", unquote);
  $("as-owner").addEventListener("change", () => { $("as-owner-text").textContent = $("as-owner").checked ? "Owner’s phone" : "Customer"; });
  $("composer").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) sendText(event);
  });
  document.querySelectorAll("[data-kind]").forEach((button) =>
    button.addEventListener("click", () => send({ kind: button.dataset.kind, text: button.dataset.kind === "location" ? "Example Street 1" : "" })));
  loadChannels().then(changeChat).catch(() => notice("The simulator does not answer. Is it still running?"));
  setInterval(() => { if (!document.hidden) poll(); }, POLL_MS);
}

start();
