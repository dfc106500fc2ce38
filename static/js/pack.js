// A scanner types wherever the focus is: it comes back to the field that is scanned into, unless a person types in another.
(() => {
  const field = document.querySelector("[data-scan]");
  if (!field) return;
  const back = () => {
    const at = document.activeElement;
    if (!at || at === document.body) field.focus();
  };
  if (document.activeElement !== field) field.focus();
  if (field.value === field.defaultValue) field.select(); // what a scanner typed meanwhile stays
  document.addEventListener("click", () => setTimeout(back));
  window.addEventListener("focus", back);
})();
