// Bulk choice in lists: tick all on the page, and say how many are chosen.
"use strict";

for (const form of document.querySelectorAll("[data-bulk]")) {
  const all = form.querySelector("[data-bulk-all]");
  const everything = form.querySelector("[data-bulk-everything]");
  const count = form.querySelector("[data-bulk-count]");
  const rows = [...form.querySelectorAll("input[name=rows]")];
  if (!all) continue;
  const say = () => {
    const chosen = rows.filter((row) => row.checked).length;
    count.textContent = chosen ? `${chosen} ${count.dataset.some}` : count.dataset.none;
    all.checked = chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  };
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
    say();
  });
  everything.addEventListener("change", () => {
    for (const row of [...rows, all]) row.disabled = everything.checked;
  });
  form.addEventListener("change", (event) => rows.includes(event.target) && say());
}
