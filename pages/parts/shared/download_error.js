// Keeps why a file could not be made until the next click, and has it read aloud: Streamlit removes it after five seconds.
const ERROR = "stDownloadButtonError";
let isOn = false;

function keep(error) {
  const kept = error.cloneNode(true);
  kept.dataset.testid = "kept-error";
  kept.role = "alert";
  error.after(kept); // which the style sheet shows in its place
  document.addEventListener("click", () => kept.remove(), { once: true, capture: true });
}

export default function () {
  if (isOn) return;
  isOn = true;
  const watch = (changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ dataset }) => dataset?.testid === ERROR).forEach(keep);
  new MutationObserver(watch).observe(document.body, { childList: true, subtree: true });
}
