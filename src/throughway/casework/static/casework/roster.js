// A roster whose marks live in this open page alone until they are saved: nothing is put into the browser's storage. A save that does
// not get through is tried again, and closing the page with unsaved marks asks first.
(() => {
  const form = document.getElementById("roster");
  if (!form) return;
  const status = form.querySelector(".tw-roster-status");
  const button = form.querySelector("button[type=submit]");
  const WAITS = [2, 5, 10, 20, 30]; // seconds between tries
  let unsaved = false;
  let sending = false;
  let tries = 0;
  let timer = 0;

  const say = (text) => { status.textContent = text; };
  const ask = (event) => { if (unsaved) { event.preventDefault(); event.returnValue = ""; } };
  addEventListener("beforeunload", ask);

  const count = () => {
    for (const shown of form.querySelectorAll("[data-count]")) {
      shown.textContent = form.querySelectorAll(`input[value=${shown.dataset.count}]:checked`).length;
    }
  };
  form.addEventListener("change", () => { unsaved = true; say("Not saved yet."); count(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); tries = 0; send(); });
  addEventListener("online", () => { if (timer) send(); });

  async function send() {
    if (sending) return;
    clearTimeout(timer);
    timer = 0;
    sending = unsaved = true;
    button.disabled = true;
    say("Saving…");
    const sent = new FormData(form);
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: sent, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      const type = answer.headers.get("Content-Type") || "";
      if (answer.redirected) signIn(); // the page for signing in may answer in JSON too
      else if (type.startsWith("application/json")) heard(await answer.json(), sent);
      else if (answer.status === 403) await anew();
      else later();
    } catch {
      later();
    } finally {
      sending = false;
      button.disabled = false;
    }
  }

  // What the site answered: refused with a reason; or saved, with what somebody else marked otherwise meanwhile.
  function heard(found, sent) {
    if (found.refused) { say(`Not saved. ${found.refused}`); return; }
    for (const line of form.querySelectorAll(".tw-differs")) line.hidden = true;
    for (const [person, other] of Object.entries(found.differ)) {
      const line = document.getElementById(`differs-${person}`);
      line.querySelector("strong").textContent = other.said;
      line.hidden = false;
      form.elements[`based-${person}`].value = other.based_on;
    }
    const changed = [...new FormData(form)].some(([name, value]) => name.startsWith("mark-") && sent.get(name) !== value);
    unsaved = changed || Object.keys(found.differ).length > 0;
    say(changed ? `${found.saved} You changed a mark since; save again.` : found.saved);
  }

  function later() {
    const wait = WAITS[Math.min(tries, WAITS.length - 1)];
    tries += 1;
    say(`Not sent: no connection. Your marks are still here. Trying again in ${wait} seconds.`);
    timer = setTimeout(send, wait * 1000);
  }

  function signIn() {
    say("You are signed out. Your marks are still here: ");
    const link = document.createElement("a");
    Object.assign(link, { href: form.dataset.signIn, target: "_blank", rel: "noopener", className: "usa-link", textContent: "sign in in a new tab" });
    status.append(link, ", come back to this one, and save again.");
  }

  // A name from the door is sent without leaving the page, so that unsaved marks stay.
  const door = document.getElementById("door");
  if (door) door.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = door.querySelector("[role=status]");
    told.textContent = "Saving…";
    try {
      const answer = await fetch(door.action, {
        method: "POST", body: new FormData(door), credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (answer.redirected) { told.textContent = "You are signed out. The name is still here; sign in in a new tab, and try again."; return; }
      const found = await answer.json();
      told.textContent = found.refused || `${door.elements.name.value}: ${found.saved}`;
      if (found.saved) { door.elements.name.value = ""; door.elements.entry.value = found.entry; }
    } catch {
      told.textContent = "Not sent. The name is still here; try again.";
    }
  });

  // After a new sign-in the form needs the new session's token.
  let renewed = false;
  async function anew() {
    const page = await (await fetch(form.action, { credentials: "same-origin" })).text();
    const token = new DOMParser().parseFromString(page, "text/html").querySelector("#roster [name=csrfmiddlewaretoken]");
    if (!token || renewed) { renewed = false; signIn(); return; }
    renewed = true;
    form.elements.csrfmiddlewaretoken.value = token.value;
    say("Signed in again. Save once more.");
    setTimeout(() => { send().finally(() => { renewed = false; }); }, 0);
  }
})();
