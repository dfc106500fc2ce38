// One box that ticks all of a form's others, and says how many are ticked. Without it each is ticked by itself.
"use strict";

for (const form of document.querySelectorAll("[data-ticks]")) {
  const all = form.querySelector("[data-all]");
  if (!all) continue;
  const others = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => box !== all);
  const show = () => {
    const ticked = others.filter((box) => box.checked).length;
    all.checked = ticked === others.length;
    all.indeterminate = ticked > 0 && ticked < others.length;
  };
  form.querySelector("[data-without-script]")?.remove();
  all.closest("[hidden]").hidden = false;
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of others) box.checked = all.checked;
    show();
  });
  addEventListener("pageshow", show); // the browser brings ticks back
}
