/* The queue of decisions: every button has a key, and the next candidate has the focus after each. */
(() => {
  "use strict";
  const page = document.getElementById("decisions");
  if (!page) return;
  const POLL_MS = 4000;
  const list = document.getElementById("decisions-list");
  const told = document.getElementById("decisions-told");
  const every = () => [...list.querySelectorAll(".fda-one")];
  const keys = document.getElementById("decisions-keys");

  function current() {
    return document.activeElement?.closest(".fda-one") || null;
  }

  function focus(one) {
    if (!one) return;
    one.focus();
    one.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = every();
    const at = all.indexOf(current());
    focus(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  function edit(one, on) {
    const part = one.querySelector(".fda-edit");
    if (!part) return;
    const text = part.querySelector("textarea");
    part.hidden = !on;
    text.disabled = !on;
    one.querySelector("[data-edit]").setAttribute("aria-expanded", String(on));
    if (on) text.focus();
    else { text.value = text.defaultValue; focus(one); }
  }

  function press(one, find) {
    const button = one && [...one.querySelectorAll("button[name=choice]")].find(find);
    if (button && !button.disabled) button.click();
  }

  function prepare(one) {
    for (const time of one.querySelectorAll("time")) {
      const at = new Date(time.dateTime);
      time.title = time.textContent;
      time.textContent = at.toLocaleString(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
    }
    one.querySelector("form").addEventListener("submit", (event) => {
      if (one.dataset.sent) return event.preventDefault();
      one.dataset.sent = "1";
      const all = every();
      const next = all[all.indexOf(one) + 1] || all[all.indexOf(one) - 1];
      one.querySelector("input[name=next]").value = next ? next.dataset.pk : "";
    });
    one.querySelector("[data-edit]")?.addEventListener("click", () => edit(one, one.querySelector(".fda-edit").hidden));
  }

  /* What is new is fetched while the page is open. What is shown stays where it is, with the text somebody writes in it. */
  async function look() {
    const answer = await fetch(`?version=${encodeURIComponent(list.firstElementChild.dataset.version)}`);
    if (answer.status !== 200 || answer.redirected) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const next = fresh.content.firstElementChild;
    if (next?.dataset.version && !every().some((one) => one.dataset.sent)) renew(next);
  }

  function renew(next) {
    const shown = list.firstElementChild;
    const [had, before] = [current(), every()];
    const wanted = [...next.querySelectorAll(".fda-one")];
    const ids = new Set(wanted.map((one) => one.id));
    for (const one of before) if (!ids.has(one.id)) leave(one);
    let after = null;
    for (const one of wanted.reverse()) {
      const same = document.getElementById(one.id);
      if (!same) {
        prepare(one);
        shown.insertBefore(one, after);
      }
      after = same || one;
    }
    for (const rest of shown.querySelectorAll(":scope > p")) rest.remove();
    shown.append(...next.querySelectorAll(":scope > p"));
    shown.dataset.version = next.dataset.version;
    const isOver = Boolean(had) && !ids.has(had.id);
    told.hidden = !isOver;
    told.textContent = isOver ? page.dataset.sayOver : "";
    if (isOver && !had.isConnected) focus(every()[Math.min(before.indexOf(had), every().length - 1)]);
  }

  function leave(one) {
    if (!one.querySelector(".fda-edit:not([hidden])")) return one.remove();
    for (const button of one.querySelectorAll("button[name=choice]")) button.disabled = true;
  }

  for (const one of every()) prepare(one);
  setInterval(() => { if (!document.hidden) look().catch(() => {}); }, POLL_MS);
  document.addEventListener("keydown", (event) => {
    const one = current();
    const writes = event.target.closest("input, textarea, select");
    if (writes && one) {
      if (event.key === "Escape") edit(one, false);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press(one, (b) => b.dataset.means === "approve");
      return;
    }
    if (writes || keys.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "?") keys.showModal();
    else if (!one) return;
    else if (event.key === "a") press(one, (button) => button.dataset.means === "approve");
    else if (event.key === "r") press(one, (button) => button.dataset.means === "reject");
    else if (event.key === "e") { event.preventDefault(); edit(one, true); }
    else if (event.key === "o") one.querySelector("[data-open]").click();
    else if (/^[1-9]$/.test(event.key)) press(one, (button) => button === one.querySelectorAll("button[name=choice]")[Number(event.key) - 1]);
  });
  document.getElementById("decisions-help").addEventListener("click", () => keys.showModal());
  focus(document.getElementById(`candidate-${page.dataset.at}`) || every()[0]);
})();
