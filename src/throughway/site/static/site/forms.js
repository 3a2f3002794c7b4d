// What somebody typed is not lost when the session ended meanwhile. Before a form with text is sent, the site is asked whether the reader is
// still signed in; if not, the form stays as it is and says how to go on. Nothing is put into the browser's storage.
(() => {
  const here = document.currentScript.dataset.asks; // a page without anybody's record, for whoever is signed in
  const TYPED = "textarea, input:not([type]), input[type=text], input[type=tel], input[type=file]";
  let checked = null; // the form whose reader was found signed in, on its way
  const asking = new WeakSet(); // so that a second press sends nothing twice

  addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !form.querySelector(TYPED)) return;
    if (form.matches("[hx-post], [data-hx-post]")) return;
    if (checked === form) { checked = null; return; }
    event.preventDefault();
    if (asking.has(form)) return;
    asking.add(form);
    const button = event.submitter;
    let token = null;
    try {
      const answer = await fetch(here, { credentials: "same-origin" });
      if (answer.redirected) { signIn(form); return; }
      token = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
    } catch {
      say(form, "Not sent: no connection. What you typed is still here; try again.");
      return;
    } finally {
      asking.delete(form);
    }
    // After a new sign-in in another tab the form needs the new session's token.
    if (token && form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = token.value;
    checked = form;
    form.requestSubmit(button);
  });

  function say(form, text) {
    let status = form.querySelector(".tw-not-sent");
    if (!status) {
      status = document.createElement("p");
      status.className = "tw-not-sent usa-error-message";
      status.setAttribute("role", "alert");
      status.tabIndex = -1;
      form.append(status);
    }
    status.textContent = text;
    status.focus();
    return status;
  }

  function signIn(form) {
    const status = say(form, "You are signed out. What you typed is still here: ");
    const link = document.createElement("a");
    Object.assign(link, { href: here, target: "_blank", rel: "noopener", className: "usa-link", textContent: "sign in in a new tab" });
    status.append(link, ", come back to this one, and send again.");
  }
})();
