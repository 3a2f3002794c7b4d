// What the desk adds where there is script: Ctrl and Enter ask, a press on a name of the schema writes it into the question, and the
// schema follows the chosen purpose and what is typed into its search. Nothing is put into the browser's storage.
(() => {
  const form = document.getElementById("desk");
  if (!form) return;
  const text = form.querySelector("textarea[name=sql]");
  const words = document.getElementById("words");

  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[name=ask]"));
    }
  });
  for (const told of form.querySelectorAll(".tw-desk-keys")) told.hidden = false;

  form.querySelector("select[name=purpose]").addEventListener("change", () => {
    form.requestSubmit(document.querySelector("button[name=find]"));
  });

  for (const name of document.querySelectorAll(".tw-desk-tables dl code[data-name]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tw-desk-insert";
    button.textContent = name.textContent;
    button.title = "Write it into the question";
    button.addEventListener("click", () => {
      text.setRangeText(name.dataset.name, text.selectionStart, text.selectionEnd, "end");
      text.focus();
    });
    name.replaceChildren(button);
  }

  words.addEventListener("input", () => {
    const wanted = words.value.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
    const fits = (node) => wanted.every((word) => node.textContent.toLowerCase().replaceAll("_", " ").includes(word));
    for (const table of document.querySelectorAll("[data-table]")) {
      const whole = fits(table.querySelector("summary"));
      let any = whole;
      for (const column of table.querySelectorAll("[data-column]")) {
        column.hidden = !(whole || fits(column));
        any = any || !column.hidden;
      }
      table.hidden = !any;
      if (wanted.length) table.open = any;
    }
  });
})();
