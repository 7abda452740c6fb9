/* The page of a session: looks for what is new, sends what is written, and never loses a word that was typed. */
(() => {
  "use strict";
  const LOOK_MS = 2500, HIDDEN_MS = 20000, LOST_MS = 6000, WRITING_MS = 4000, TOAST_MS = 4000;
  const desk = document.getElementById("desk");
  if (!desk) return;
  const find = (id) => document.getElementById(id);
  const base = desk.dataset.base, since = desk.dataset.since;
  const [scroll, now, old, head, notice, side, dialog, toast, jump] =
    ["fd-scroll", "fd-now", "fd-old", "fd-head", "fd-notice", "fd-side", "fd-dialog", "fd-toast", "fd-jump"].map(find);
  const form = find("fd-composer"), text = find("fd-text");
  const csrf = desk.querySelector("[name=csrfmiddlewaretoken]").value;
  const store = `fd-draft-${desk.dataset.id}`;
  let version = "", seenMark = "", timer = 0, lost = false, busy = false, wroteAt = 0, first = since, ready = null;

  /* Drawing ------------------------------------------------------------------------------------------------------- */
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; jump.hidden = true; };

  /* Lines that did not change stay as they are, so that what plays goes on and nothing flickers. */
  function merge(box, html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    let place = box.firstElementChild, added = 0;
    const wanted = new Set();
    for (const line of [...fresh.content.children]) {
      wanted.add(line.id);
      const present = find(line.id);
      if (present && box.contains(present)) {
        const kept = present.dataset.v === line.dataset.v ? present : line;
        if (kept === line) { if (place === present) place = line; present.replaceWith(line); }
        if (kept !== place) box.insertBefore(kept, place); else place = kept.nextElementSibling;
      } else if (!present || line.dataset.v !== "0") {
        box.insertBefore(line, place);
        if (line.dataset.author) added += 1;
      }
    }
    for (const line of [...box.children]) if (!wanted.has(line.id)) line.remove();
    return added;
  }

  function draw(box, html) {
    /* An open menu, or a field with the cursor in it, is not pulled away from under somebody's hands. */
    if (box.dataset.drawn === html || box.querySelector("details[open]") || box.contains(document.activeElement) && document.activeElement.matches("input, select")) return;
    const focused = box.contains(document.activeElement) ? [...box.querySelectorAll("button, summary, a")].indexOf(document.activeElement) : -1;
    box.innerHTML = html;
    box.dataset.drawn = html;
    if (focused >= 0) box.querySelectorAll("button, summary, a")[focused]?.focus();
  }

  function show(answer) {
    version = answer.version;
    seenMark = answer.mark;
    const wasAtEnd = atEnd();
    const added = merge(now, answer.bubbles);
    if (added) announce();
    if (added) { desk.querySelector(".fd-empty")?.remove(); if (!side.contains(document.activeElement)) loadSide(); }
    draw(head, answer.head);
    draw(notice, answer.notice);
    if (wasAtEnd) toEnd(); else if (added) jump.hidden = false;
    if (added && !document.hidden && now.lastElementChild?.dataset.author === "customer") markRead();
  }

  /* Told once, when it comes: a tick that changes is no news to listen to. */
  function announce() {
    const last = [...now.querySelectorAll(".fd-said")].pop();
    if (last && last.dataset.author !== "operator") find("fd-heard").textContent = `${desk.dataset.sayNew}: ${last.querySelector(".fd-text")?.textContent ?? ""}`;
  }

  let toastTimer = 0;
  function say(words, bad = false) {
    toast.textContent = words || "";
    toast.classList.toggle("fd-toast-bad", bad);
    toast.classList.toggle("fd-toast-on", Boolean(words));
    clearTimeout(toastTimer);
    if (words) toastTimer = setTimeout(() => toast.classList.remove("fd-toast-on"), bad ? TOAST_MS * 2 : TOAST_MS);
  }

  /* Asking -------------------------------------------------------------------------------------------------------- */
  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(`${desk.dataset.look}?since=${since}&version=${version}&mark=${encodeURIComponent(seenMark)}`, { headers: { Accept: "application/json" } });
      if (answer.url.includes("/login/")) return location.reload();
      if (answer.status === 200) show(await answer.json());
      else if (answer.status !== 204) throw new Error(String(answer.status));
      else seenMark = answer.headers.get("Fd-Mark") || seenMark;
      if (lost) { lost = false; say(""); }
    } catch {
      lost = true;
      say(desk.dataset.sayLost, true);
    }
    timer = setTimeout(look, lost ? LOST_MS : document.hidden ? HIDDEN_MS : LOOK_MS);
  }

  async function post(address, body) {
    body.append("csrfmiddlewaretoken", csrf);
    body.append("since", since);
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrf, Accept: "application/json" } });
    if (answer.status === 204) return {};
    const found = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : {};
    if (!answer.ok) throw new Error(found.error || desk.dataset.sayFailed);
    return found;
  }

  async function act(name, body) {
    const answer = await post(`${base}act/${name}/`, body);
    if (answer.bubbles !== undefined) show(answer);
    if (answer.said) say(answer.said);
    return answer;
  }

  const quietly = (name, fields = {}) => {
    const body = new FormData();
    for (const [key, value] of Object.entries(fields)) body.append(key, value);
    post(`${base}act/${name}/`, body).catch(() => {});
  };
  const markRead = () => { if (form) quietly("read"); };

  /* Every small form on the page: a press is an act. */
  desk.addEventListener("submit", async (event) => {
    const small = event.target.closest("form[data-act], form[data-post]");
    if (!small) return;
    event.preventDefault();
    const button = small.querySelector("button");
    if (button) button.disabled = true;
    const body = new FormData(small);
    small.closest("details[open]")?.removeAttribute("open");
    document.activeElement?.matches?.("input") && document.activeElement.blur();
    try {
      if (small.dataset.post) {
        const answer = await post(small.dataset.post, body);
        if (answer.said) say(answer.said);
        if (small.closest("dialog")) dialog.close();
        loadSide();
      } else {
        await act(small.dataset.act, body);
        if (side.contains(small)) loadSide();
      }
    } catch (problem) {
      say(problem.message, true);
    } finally {
      if (button) button.disabled = false;
    }
  });

  /* The side and the dialog --------------------------------------------------------------------------------------- */
  async function loadSide() {
    try {
      const answer = await fetch(side.dataset.address);
      if (answer.ok) side.innerHTML = await answer.text();
    } catch { /* the next press tries again */ }
  }
  desk.addEventListener("click", async (event) => {
    const target = event.target.closest("button, summary");
    if (!target) return;
    if (target.matches("[data-side]")) { side.classList.toggle("fd-side-on"); target.setAttribute("aria-expanded", side.classList.contains("fd-side-on")); }
    if (target.dataset.open) {
      find("fd-dialog-body").innerHTML = await (await fetch(target.dataset.open)).text();
      dialog.showModal();
      find("fd-dialog-body").querySelector("input:not([type=hidden]), textarea")?.focus();
    }
    if (target.dataset.quote && form) {
      form.elements.quoted.value = target.dataset.quote;
      with_("quoted", target.dataset.words);
      text.focus();
    }
    if (target.dataset.drop) drop(target.dataset.drop);
    if (target.matches("summary")) for (const other of desk.querySelectorAll("details.fd-menu[open]")) if (!other.contains(target)) other.removeAttribute("open");
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("details.fd-menu")) for (const open of desk.querySelectorAll("details.fd-menu[open]")) open.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of desk.querySelectorAll("details.fd-menu[open]")) { open.removeAttribute("open"); open.querySelector("summary").focus(); }
    side.classList.remove("fd-side-on");
  });

  find("fd-earlier").addEventListener("click", async (event) => {
    event.target.disabled = true;
    try {
      const answer = await (await fetch(`${base}earlier/?before=${first}`)).json();
      const before = scroll.scrollHeight;
      const fresh = document.createElement("template");
      fresh.innerHTML = answer.bubbles;
      const lastDay = [...fresh.content.querySelectorAll(".fd-day")].pop();
      /* A day that goes on below is named once. */
      const twin = lastDay && (old.querySelector(`#${lastDay.id}`) || now.querySelector(`#${lastDay.id}`));
      if (twin && old.contains(twin)) twin.remove(); else if (twin) twin.hidden = true;
      old.prepend(fresh.content);
      first = answer.first;
      event.target.parentElement.hidden = !answer.has_more;
      scroll.scrollTop += scroll.scrollHeight - before;
    } catch { say(desk.dataset.sayLost, true); }
    event.target.disabled = false;
  });
  jump.addEventListener("click", toEnd);
  /* Who reads the newest goes on doing so when a picture arrives or the composer grows. */
  let stuck = true;
  scroll.addEventListener("scroll", () => { stuck = atEnd(); if (stuck) jump.hidden = true; });
  new ResizeObserver(() => { if (stuck) toEnd(); }).observe(scroll);
  new ResizeObserver(() => { if (stuck) toEnd(); }).observe(now);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); if (!jump.hidden || Number(desk.dataset.unread)) markRead(); } });

  toEnd();
  loadSide();
  if (Number(desk.dataset.unread)) markRead();
  timer = setTimeout(look, 600);
  if (!form) return;

  /* The composer -------------------------------------------------------------------------------------------------- */
  const readyBox = find("fd-ready"), file = find("fd-file"), noteButton = find("fd-note");
  let chosen = 0, key = "";
  const newKey = () => { key = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join(""); };
  newKey();
  const isNote = () => noteButton.getAttribute("aria-pressed") === "true";

  function with_(name, words) {
    const box = find(`fd-${name}`);
    box.hidden = false;
    const place = box.querySelector(".fd-words");
    if (place && words !== undefined) place.textContent = words;
  }
  function drop(name) {
    if (name === "quoted") { form.elements.quoted.value = ""; find("fd-quoted").hidden = true; }
    if (name === "file") { if (file) file.value = ""; find("fd-attached").hidden = true; }
    if (name === "template") { form.elements.template.value = ""; find("fd-template").hidden = true; find("fd-template").querySelector(".fd-fields").replaceChildren(); text.disabled = false; }
    if (name === "later") { form.elements.due_at.disabled = true; form.elements.due_at.value = ""; find("fd-later").hidden = true; }
    newKey();
    text.focus();
  }
  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 220)}px`;
    localStorage.setItem(store, text.value);
    if (!text.value) localStorage.removeItem(store);
  }
  function clear() {
    text.value = "";
    for (const name of ["quoted", "file", "template", "later"]) drop(name);
    grow();
  }
  text.value = localStorage.getItem(store) || "";
  grow();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const body = new FormData(form);
    if (isNote()) { for (const name of ["file", "template", "quoted", "due_at", "variable"]) body.delete(name); }
    else body.append("key", key);
    if (body.get("file") instanceof File && !body.get("file").name) body.delete("file");
    if (!text.value.trim() && !body.get("file") && !form.elements.template.value) return text.focus();
    busy = true;
    form.classList.add("fd-busy");
    try {
      await act(isNote() ? "note" : "send", body);
      clear();
      if (isNote()) setNote(false);
      toEnd();
      wroteAt = 0;
    } catch (problem) {
      say(problem.message, true);
    } finally {
      busy = false;
      form.classList.remove("fd-busy");
      text.focus();
    }
  });

  text.addEventListener("keydown", (event) => {
    if (!readyBox.hidden && pick(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  text.addEventListener("input", () => {
    newKey();
    grow();
    offer();
    if (!isNote() && Date.now() - wroteAt > WRITING_MS) { wroteAt = Date.now(); quietly("writing"); }
  });
  text.addEventListener("blur", () => { if (wroteAt && !text.value) { wroteAt = 0; quietly("writing", { stop: "1" }); } });

  function setNote(on) {
    noteButton.setAttribute("aria-pressed", String(on));
    form.classList.toggle("fd-noting", on);
    text.placeholder = on ? text.dataset.notePlaceholder : text.dataset.messagePlaceholder;
    text.focus();
  }
  noteButton.addEventListener("click", () => setNote(!isNote()));
  find("fd-schedule").addEventListener("click", () => { with_("later"); form.elements.due_at.disabled = false; form.elements.due_at.required = true; form.elements.due_at.focus(); });

  /* Canned replies */
  async function fetchReady() {
    ready ??= await (await fetch(`${base}ready/`)).json();
    return ready;
  }
  const word = () => /^\/(\S*)$/.exec(text.value);
  async function offer() {
    const typed = word();
    if (!typed) return hideReady();
    const wanted = typed[1].toLowerCase();
    const found = (await fetchReady()).replies.filter((reply) => `${reply.shortcut} ${reply.title}`.toLowerCase().includes(wanted));
    if (!word()) return hideReady();
    found.sort((one, two) => two.shortcut.toLowerCase().startsWith(wanted) - one.shortcut.toLowerCase().startsWith(wanted));
    list(found.slice(0, 8).map((reply) => ({ name: `/${reply.shortcut}`, title: reply.title, words: reply.text, take: () => { text.value = reply.text; newKey(); grow(); } })));
  }
  function list(choices) {
    readyBox.replaceChildren(...choices.map((choice, place) => {
      const line = document.createElement("button");
      line.type = "button";
      line.id = `fd-choice-${place}`;
      line.setAttribute("role", "option");
      for (const [kind, words] of [["b", choice.name], ["span", choice.title], ["small", choice.words]]) { const part = document.createElement(kind); part.textContent = words; line.append(part); }
      line.addEventListener("mousedown", (event) => { event.preventDefault(); choice.take(); hideReady(); });
      line.take = choice.take;
      return line;
    }));
    chosen = 0;
    readyBox.hidden = !choices.length;
    mark();
  }
  function mark() {
    [...readyBox.children].forEach((line, place) => line.setAttribute("aria-selected", String(place === chosen)));
    const line = readyBox.children[chosen];
    if (line && !readyBox.hidden) { text.setAttribute("aria-activedescendant", line.id); line.scrollIntoView({ block: "nearest" }); }
    else text.removeAttribute("aria-activedescendant");
  }
  function hideReady() { readyBox.hidden = true; mark(); }
  function pick(event) {
    const count = readyBox.children.length;
    if (event.key === "ArrowDown") chosen = (chosen + 1) % count;
    else if (event.key === "ArrowUp") chosen = (chosen + count - 1) % count;
    else if (event.key === "Enter" || event.key === "Tab") { readyBox.children[chosen].take(); hideReady(); }
    else if (event.key === "Escape") hideReady();
    else return false;
    event.preventDefault();
    mark();
    return true;
  }
  find("fd-slash").addEventListener("click", () => { text.value = "/"; text.focus(); offer(); });

  /* Templates */
  find("fd-templates")?.addEventListener("click", async () => {
    const found = (await fetchReady()).templates;
    text.focus();
    if (!found.length) return say("—", true);
    list(found.map((one) => ({ name: one.title || one.name, title: one.language, words: one.text, take: () => fill(one) })));
  });
  function fill(one) {
    const fields = find("fd-template").querySelector(".fd-fields");
    const places = [...new Set([...one.text.matchAll(/\{\{(\d+)\}\}/g)].map((found) => found[1]))].sort((a, b) => a - b);
    const shown = document.createElement("p");
    shown.textContent = one.text;
    fields.replaceChildren(shown, ...places.map((place) => {
      const label = document.createElement("label"), input = document.createElement("input");
      input.name = "variable"; input.required = true; input.maxLength = 500;
      label.append(`{{${place}}} `, input);
      return label;
    }));
    form.elements.template.value = one.pk;
    find("fd-template").hidden = false;
    newKey();
    (fields.querySelector("input") || find("fd-text")).focus();
  }

  /* Files: chosen, dropped or pasted */
  function attach() {
    const given = file?.files[0];
    if (!given) return drop("file");
    with_("attached", `${given.name} · ${Math.max(1, Math.round(given.size / 1024))} KB`);
    const image = find("fd-attached").querySelector("img");
    image.hidden = !given.type.startsWith("image/");
    if (!image.hidden) image.src = URL.createObjectURL(given);
    newKey();
    text.focus();
  }
  file?.addEventListener("change", attach);
  const take = (files) => { if (file && files?.length) { file.files = files; attach(); return true; } return false; };
  text.addEventListener("paste", (event) => { if (take(event.clipboardData?.files)) event.preventDefault(); });
  scroll.addEventListener("dragover", (event) => event.preventDefault());
  scroll.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer?.files); });

  /* A suggested answer */
  find("fd-suggest")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    button.classList.add("fd-thinking");
    try {
      const answer = await post(desk.dataset.suggest, new FormData());
      text.value = text.value.trim() ? `${text.value.trim()}\n${answer.text}` : answer.text;
      newKey();
      grow();
    } catch (problem) {
      say(problem.message, true);
    } finally {
      button.disabled = false;
      button.classList.remove("fd-thinking");
      text.focus();
    }
  });
})();
