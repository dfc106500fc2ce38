// A page that waits for something - a printer's first reading, a bank's answer - looks again by itself and swaps in what
// has changed. Where nothing is waited for any more, the page itself is shown. Without scripts it reloads itself instead.
(() => {
  const look = async () => {
    const shown = document.getElementById("waiting");
    const seconds = Number(shown.dataset.lookEvery);
    if (!seconds) return;
    await new Promise((wake) => setTimeout(wake, seconds * 1000));
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("waiting");
      if (!found) return location.reload();
      if (found.innerHTML !== shown.innerHTML) {
        shown.innerHTML = found.innerHTML;
        shown.dataset.lookEvery = found.dataset.lookEvery ?? "";
        document.title = page.title;
      }
    } catch (error) {
      console.info("not reached, trying again", error);
    }
    look();
  };
  look();
})();
