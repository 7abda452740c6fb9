"use strict";
/* The core service's page: asks every second what was told. */

const POLL_MS = 800;
let shown = "";

async function poll() {
  const response = await fetch("/simulator/api/callbacks");
  const text = await response.text();
  if (text === shown) return;
  shown = text;
  const { callbacks } = JSON.parse(text);
  document.getElementById("empty").hidden = callbacks.length > 0;
  document.getElementById("callbacks").replaceChildren(...callbacks.map(row));
}

function row(told) {
  const item = document.getElementById("callback").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(name);
  item.classList.toggle("refused", !told.verified);
  item.dataset.verified = told.verified;
  part(".what").textContent = [told.type || "something", told.data.decision].filter(Boolean).join(": ");
  const times = told.times > 1 ? ` (${told.times} times)` : "";
  part(".proof").textContent = (told.verified ? "✓ verified" : `✗ refused, ${told.status}`) + times;
  const at = new Date(told.at * 1000);
  part("time").dateTime = at.toISOString();
  part("time").textContent = at.toLocaleTimeString();
  part("pre").textContent = [told.id, JSON.stringify(told.data, null, 1)].filter(Boolean).join("\n");
  return item;
}

poll().catch(() => {});
setInterval(() => { if (!document.hidden) poll().catch(() => {}); }, POLL_MS);
