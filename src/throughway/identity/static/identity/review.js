// The letters beside the answers, while the focus is within the pair: nowhere else, so that no letter surprises (WCAG 2.1.4).
const pair = document.querySelector(".tw-pair");
pair?.addEventListener("keydown", (event) => {
  if (event.repeat || event.altKey || event.ctrlKey || event.metaKey) return;
  const target = pair.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});
pair?.focus({ preventScroll: true });
