/* The inbox beside an open session, where the window is wide enough: the view that was looked at last, live; j and k. */
(() => {
  "use strict";
  const beside = document.getElementById("inbox-beside");
  if (!beside || !window.htmx) return;
  const query = sessionStorage.getItem("fd-inbox") || "";
  const isShown = () => getComputedStyle(beside).display !== "none";
  beside.setAttribute("hx-get", `${beside.dataset.address}&${query}`);
  window.htmx.process(beside);
  beside.addEventListener("htmx:beforeRequest", (event) => { if (!isShown()) event.preventDefault(); });
  beside.addEventListener("htmx:afterRequest", (event) => {
    const mark = event.detail.xhr.getResponseHeader("Fd-Mark");
    if (mark) document.getElementById("inbox-state").elements.mark.value = mark;
  });
  beside.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.responseURL.includes("/login/")) event.detail.shouldSwap = false;
  });
  beside.addEventListener("htmx:afterSettle", () => {
    document.getElementById(beside.dataset.open)?.setAttribute("aria-current", "page");
  });
  window.htmx.trigger(beside, "look");
  window.addEventListener("resize", () => { if (isShown() && !beside.querySelector(".fdi-line")) window.htmx.trigger(beside, "look"); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const lines = [...beside.querySelectorAll(".fdi-line")];
    const at = lines.findIndex((line) => line.id === beside.dataset.open);
    const next = lines[at + (event.key === "j" ? 1 : -1)];
    if (at >= 0 && next) location.href = next.href;
  });
})();
