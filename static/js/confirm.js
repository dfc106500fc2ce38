// A payment is confirmed with the customer's bank: asks us for the secret of that one payment, has the card service put the
// bank's question, and sends our form. What the bank said we ask the card service ourselves; a page could say anything.
(() => {
  const form = document.querySelector("[data-confirm-payment]");
  if (!form) return;
  const button = form.querySelector("[type=submit]");
  const problem = form.querySelector("[role=alert]");
  const said = form.dataset;
  let busy = false;

  const tell = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };
  const setBusy = (now) => {
    busy = now;
    button.setAttribute("aria-busy", String(now));
  };
  addEventListener("pageshow", () => setBusy(false));
  form.querySelector("[data-without-script]").remove();
  button.hidden = false;

  const ask = async () => {
    const answer = await fetch(said.secret, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      signal: AbortSignal.timeout(25000),
    });
    const told = await answer.json();
    if (answer.status === 409) return null;
    if (!told.client_secret) throw { ours: told.sentence };
    return told;
  };

  const confirm = async (service, told) => {
    try {
      await service.confirmCardPayment(told.client_secret, { payment_method: told.payment_method });
    } catch (error) {
      console.info("the card service was not reached, so we ask it ourselves", error);
    }
    form.elements.attempt.value = told.attempt;
    form.submit();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const service = window.Stripe?.(said.key, { locale: document.documentElement.lang });
    if (!service) return tell(said.unreachable);
    setBusy(true);
    tell("");
    try {
      const told = await ask();
      if (told) await confirm(service, told);
      else location.assign(location.href); // it does not wait any more: the page says how it stands
    } catch (error) {
      setBusy(false);
      tell(error.ours ?? said.unreachable);
    }
  });
})();
