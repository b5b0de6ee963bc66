"use strict";
// Everything works without this file; with it, some of it takes fewer clicks.

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
});
// The back button shows a page as it was left: its forms may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  }
});

// Copy buttons appear where there is something to copy.
const copyable = (within) => {
  if (!navigator.clipboard) return;
  for (const element of within.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + (element.dataset.copy || "this"));
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(element.textContent.trim());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    element.after(button);
  }
};
copyable(document);

// What is on its way is looked at again by itself, as long as somebody looks.
const live = document.querySelector("[data-live]");
if (live) {
  const isInUse = (part) => part.contains(document.activeElement)
    || [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((field) =>
      field.value !== field.defaultValue || field.checked !== field.defaultChecked)
    || [...part.querySelectorAll("select")].some((select) =>
      select.selectedIndex !== Math.max(0, [...select.options].findIndex((option) => option.defaultSelected)))
    || (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));
  // What a part says, without what is new in each answer or was added here.
  const said = (part) => {
    const copy = part.cloneNode(true);
    for (const element of copy.querySelectorAll("button.copy, input[name=once]")) element.remove();
    for (const fold of copy.querySelectorAll("details")) fold.removeAttribute("open");
    return copy.innerHTML;
  };
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(live.dataset.live || location.href, { headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const part of document.querySelectorAll("[data-part]")) {
            const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
            if (!fresh || isInUse(part) || said(fresh) === said(part)) continue;
            // What somebody unfolded stays unfolded.
            const folds = part.querySelectorAll("details");
            fresh.querySelectorAll("details").forEach((fold, index) => {
              if (folds[index]) fold.open = folds[index].open;
            });
            part.replaceWith(fresh);
            copyable(fresh);
          }
        }
      } catch { /* The next round may reach it. */ }
    }
  };
  // Events tell at once; where they do not get through, looking again now and then does.
  let isTold = false;
  if (live.dataset.events && window.EventSource) {
    const events = new EventSource(live.dataset.events);
    events.addEventListener("changed", () => { isTold = true; look(); });
    events.addEventListener("error", () => { isTold = false; });
    document.addEventListener("visibilitychange", look);
  }
  const again = async () => {
    await look();
    setTimeout(again, document.querySelector("[data-moving]") && !isTold ? 2000 : 15000);
  };
  setTimeout(again, document.querySelector("[data-moving]") && !isTold ? 2000 : 15000);
}

// What a chosen plan costs, and what then remains, before anything is sent.
const order = document.querySelector("form[data-order]");
if (order) {
  const money = (cents) => "A$" + Math.trunc(cents / 100) + "." + String(cents % 100).padStart(2, "0");
  const show = () => {
    const plan = order.querySelector("input[name=plan]:checked");
    if (!plan) return;
    const price = Number(plan.dataset.cents);
    const rest = Number(order.dataset.remaining) - price;
    document.getElementById("order-price").textContent = money(price);
    document.getElementById("order-rest").textContent = rest < 0 ? "beyond your cap" : money(rest);
    const value = (name) => (order.querySelector(`[name=${name}]:checked`) || order.querySelector(`input[name=${name}]`)).value;
    const body = { plan: plan.value, region: value("region"), image: value("image") };
    if (value("name")) body.name = value("name");
    const call = document.getElementById("order-call");
    call.textContent = call.textContent.replace(/-d '.*'/s, () => "-d '" + JSON.stringify(body).replaceAll("'", "") + "'");
  };
  order.addEventListener("input", show);
  show();
}
