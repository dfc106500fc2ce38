// A card is typed into a field of the card service's own: asks us for the secret of one saving, has the service save
// the card under it, and sends our form with the name of what was saved. The number is never ours to see.
(() => {
  const entry = document.querySelector("[data-card-entry]");
  if (!entry) return;
  const form = entry.closest("form");
  const button = form.querySelector("[type=submit]");
  const place = entry.querySelector("[data-card-place]");
  const problem = entry.querySelector("[role=alert]");
  const said = entry.dataset;
  const saved = form.elements.setup_intent;
  let busy = false;

  const tell = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };
  const setBusy = (now) => {
    busy = now;
    button.setAttribute("aria-busy", String(now));
  };

  // Where there are saved cards to choose from, the field belongs to the last choice.
  const isWanted = () => !form.elements.card || form.elements.card.value === said.choice;
  const show = () => { entry.hidden = !isWanted(); };
  form.addEventListener("change", show);
  addEventListener("pageshow", () => { setBusy(false); show(); });

  const service = window.Stripe?.(said.key, { locale: document.documentElement.lang });
  const card = service?.elements().create("card", { style: { base: look() } });
  place.replaceChildren();
  if (card) {
    card.mount(place);
    card.on("change", () => tell(""));
  } else {
    tell(said.unreachable);
  }

  // The service's field stands in a frame of its own, which our styles do not reach.
  function look() {
    const ours = getComputedStyle(place);
    return { color: ours.color, iconColor: ours.color, fontSize: ours.fontSize, "::placeholder": { color: ours.color } };
  }

  const secret = async () => {
    const answer = await fetch(said.setup, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      signal: AbortSignal.timeout(25000),
    });
    const told = await answer.json();
    if (!told.client_secret) throw { ours: told.sentence };
    return told.client_secret;
  };

  // What the service says of a number, a date or a bank is meant for the card's owner. Its other errors are not.
  const sentence = (error) => {
    if (error.ours) return error.ours;
    if (["card_error", "validation_error"].includes(error.type)) return error.message;
    const unanswered = error.code === "setup_intent_authentication_failure" || (error.message && !error.type);
    return unanswered && !(error instanceof Error) ? said.unanswered : said.unreachable;
  };

  form.addEventListener("submit", async (event) => {
    if (saved.value || !isWanted()) return;
    event.preventDefault();
    if (busy || !card) return;
    setBusy(true);
    tell("");
    try {
      const { setupIntent, error } = await service.confirmCardSetup(await secret(), { payment_method: { card } });
      if (error) throw error;
      saved.value = setupIntent.id;
      form.submit();
    } catch (error) {
      setBusy(false);
      tell(sentence(error));
    }
  });
})();
