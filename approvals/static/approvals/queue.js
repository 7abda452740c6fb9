/* The queue of decisions: every button has a key, and the next candidate has the focus after each. */
(() => {
  "use strict";
  const page = document.getElementById("decisions");
  if (!page) return;
  const all = [...page.querySelectorAll(".fda-one")];
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

  for (const one of all) {
    one.querySelector("form").addEventListener("submit", (event) => {
      if (one.dataset.sent) return event.preventDefault();
      one.dataset.sent = "1";
      const next = all[all.indexOf(one) + 1] || all[all.indexOf(one) - 1];
      one.querySelector("input[name=next]").value = next ? next.dataset.pk : "";
    });
    one.querySelector("[data-edit]")?.addEventListener("click", () => edit(one, one.querySelector(".fda-edit").hidden));
  }

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
  focus(document.getElementById(`candidate-${page.dataset.at}`) || all[0]);
})();
