// Keys of the back office: "/" goes to the search box, "n" to the note. Everything works without them.
"use strict";

const KEYS = { "/": "find", n: "id_text" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const field = Object.hasOwn(KEYS, event.key) && document.getElementById(KEYS[event.key]);
  if (typing || !field || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
