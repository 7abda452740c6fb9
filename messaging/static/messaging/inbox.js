/* The inbox: keys, waiting times that go on, and notifications. What is new is fetched by HTMX, see page.html. */
(() => {
  "use strict";
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const find = (id) => document.getElementById(id);
  const [now, search, keys, bell, toast, tenant] = ["inbox-now", "inbox-search", "inbox-keys", "inbox-bell", "inbox-toast", "inbox-tenant"].map(find);
  const lines = () => [...now.querySelectorAll(".fdi-line")];
  const title = document.title;

  /* The page of a session shows the same list beside it. */
  sessionStorage.setItem("fd-inbox", inbox.dataset.query);

  let toastTimer = 0;
  function say(words) {
    toast.textContent = words;
    toast.hidden = !words;
    clearTimeout(toastTimer);
    if (words) toastTimer = setTimeout(() => { toast.hidden = true; }, 5000);
  }

  /* Keys */
  function step(by) {
    const all = lines();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writes = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      for (const open of inbox.querySelectorAll("details[open]")) open.open = false;
      if (writes === search) { search.blur(); lines()[0]?.focus(); }
      return;
    }
    if (writes || keys.open) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
    else if (event.key === "?") keys.showModal();
    else if (/^[1-9]$/.test(event.key)) find("inbox-views").querySelectorAll("a")[Number(event.key) - 1]?.click();
  });
  find("inbox-help").addEventListener("click", () => keys.showModal());
  tenant?.addEventListener("change", () => tenant.form.submit());
  document.addEventListener("click", (event) => {
    for (const open of inbox.querySelectorAll("details[open]")) if (!open.contains(event.target)) open.open = false;
  });

  /* Times that go on between two looks */
  function short(seconds) {
    if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} d`;
  }
  function tick() {
    const at = Date.now();
    for (const time of now.querySelectorAll("[data-since]")) time.textContent = short((at - Date.parse(time.dataset.since)) / 1000);
    for (const time of now.querySelectorAll("[data-until]")) time.textContent = short((Date.parse(time.dataset.until) - at) / 1000);
  }
  setInterval(tick, 5000);

  /* Notifications: told once for each customer who begins to wait. */
  const wanted = () => localStorage.getItem("fd-notify") === "1" && "Notification" in window && Notification.permission === "granted";
  const showBell = () => bell.setAttribute("aria-pressed", String(wanted()));
  bell.addEventListener("click", async () => {
    if (wanted()) localStorage.setItem("fd-notify", "0");
    else if ("Notification" in window && (await Notification.requestPermission()) === "granted") {
      localStorage.setItem("fd-notify", "1");
      say(inbox.dataset.sayOn);
    } else say(inbox.dataset.sayOff);
    showBell();
  });
  showBell();

  let known = null;
  function tell(waiting) {
    const fresh = known === null ? [] : waiting.filter(([pk]) => !known.has(pk));
    known = new Set(waiting.map(([pk]) => pk));
    document.title = waiting.length ? `(${waiting.length}) ${title}` : title;
    if (!wanted()) return;
    for (const [pk, name] of fresh) {
      const notice = new Notification(name, { body: inbox.dataset.sayWaits, tag: `session-${pk}` });
      notice.onclick = () => { window.focus(); location.href = `/admin/messaging/conversation/${pk}/change/`; };
    }
  }
  const read = () => { const told = find("inbox-views").dataset.waiting; if (told) tell(JSON.parse(told)); };
  read();
  now.addEventListener("htmx:afterSettle", () => {
    read();
    find("inbox-state").elements.shown.value = String(lines().length);
    tick();
  });
  now.addEventListener("htmx:afterRequest", (event) => {
    const mark = event.detail.xhr.getResponseHeader("Fd-Mark");
    if (mark) find("inbox-state").elements.mark.value = mark;
  });
  now.addEventListener("htmx:beforeSwap", (event) => {
    /* Logged out meanwhile: the login page must not stand inside the list. */
    if (event.detail.xhr.responseURL.includes("/login/")) { event.detail.shouldSwap = false; location.reload(); }
  });
  now.addEventListener("htmx:sendError", () => say(inbox.dataset.sayLost));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) window.htmx?.trigger(now, "look"); });
})();
