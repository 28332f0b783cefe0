// Keeps the keyboard's place where Streamlit loses it: in a popover, which is at the end of the page, and where what had the focus is gone.
const MAIN = "[data-testid=stMain]", POPOVER = "[data-testid=stPopoverBody]", OPENER = "[data-testid=stPopoverButton][aria-expanded=true]";
const RUNNING = "[data-test-script-state=running]";
const ELEMENT = "[data-testid=stElementContainer]";
const REACHABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
const SETTLED = 200; // ms without a change

let isOn = false, byPointer = false, held, address, settling;
const place = document.createRange(); // on the page; the browser moves it when what it points at is removed

const find = (selector) => document.querySelector(selector);
const isLost = () => !document.activeElement || document.activeElement === document.body;
const isReachable = (each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility() && !(each.type === "radio" && !each.checked);
const reachable = (box) => [...box.querySelectorAll(REACHABLE)].filter(isReachable);
const close = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" })); // the popover; its button gets the focus

function focus(box) {
  if (!box.hasAttribute("tabindex")) {
    box.tabIndex = -1;
    box.addEventListener("blur", () => box.removeAttribute("tabindex"), { once: true });
  }
  box.focus();
}

function hold({ target }) {
  held = target;
  address = location.href;
  if (target.closest(MAIN) && !target.matches(MAIN)) place.setStartBefore(target);
}

// From its button, Tab leads into a popover, and from its end back to the button and on.
function step(event) {
  byPointer = false;
  const body = find(POPOVER), opener = find(OPENER), focused = document.activeElement;
  if (event.key !== "Tab" || !body) return;
  const inside = reachable(body);
  if (focused === opener && !event.shiftKey) focus(body); // from where the browser goes on to what is in it
  else if (event.shiftKey ? [body, inside[0]].includes(focused) : focused === inside.at(-1)) {
    if (event.shiftKey) event.preventDefault();
    close();
  }
}

// To what has taken its place: the same button, drawn anew; what is open; what comes next; the title. Another Enter does nothing there.
function recover() {
  if (byPointer || !held || !isLost() || find(RUNNING)) return;
  const same = held.isConnected && held.checkVisibility() ? held : drawnAnew(held);
  const found = same || find("[role=dialog]") || next() || find(`${MAIN} h1`);
  if (!found) return;
  if (found === same) found.focus();
  else focus(found);
}

function drawnAnew(button) {
  const key = button.closest(ELEMENT)?.className.match(/st-key-\S+/)?.[0];
  return key && reachable(document).find((each) => each.matches(`.${CSS.escape(key)} ${button.localName}`));
}

function next() {
  if (address !== location.href) return null;
  const isBehind = (each) => place.comparePoint(each, 0) >= 0;
  if (!reachable(find(MAIN)).some(isBehind)) return null;
  return [...document.querySelectorAll(`${MAIN} ${ELEMENT}`)].find((each) => isBehind(each) && each.checkVisibility());
}

function watch(changes) {
  if (byPointer) return;
  const isOpened = changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.querySelector?.(POPOVER) || node.matches?.(POPOVER)));
  if (isOpened && document.activeElement === find(OPENER)) focus(find(POPOVER));
  if (!isLost()) return;
  clearTimeout(settling);
  settling = setTimeout(recover, SETTLED);
}

export default function () {
  if (isOn) return;
  isOn = true;
  document.addEventListener("focusin", hold);
  document.addEventListener("keydown", step, true);
  document.addEventListener("pointerdown", () => { byPointer = true; }, true);
  new MutationObserver(watch).observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled", "data-test-script-state"] });
}
