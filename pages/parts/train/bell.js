// Shows the browser's own notification for each piece of news, once, where the person has asked for it; the wish outlasts the page.
const WISH = "catsdogs-notify", SEEN = "catsdogs-notified";
const MOST = 100; // pieces of news that are remembered as seen

// Where storage is blocked, the wish holds until the page is closed.
const memory = {};
const recall = (store, key) => { try { return store()[key] ?? memory[key]; } catch { return memory[key]; } };
const keep = (store, key, value) => { memory[key] = value; try { store()[key] = value; } catch { /* blocked */ } };
const local = () => window.localStorage, session = () => window.sessionStorage;

export default function ({ data, parentElement }) {
  const [row, button, hint] = ["row", "bell", "hint"].map((id) => parentElement.querySelector(`#${id}`));
  row.hidden = !data.can_ask;
  const isWished = () => recall(local, WISH) === "yes";
  const isAllowed = () => "Notification" in window && window.isSecureContext && Notification.permission === "granted";

  const draw = (problem = "") => {
    const isHere = "Notification" in window && window.isSecureContext;
    const isBlocked = isHere && Notification.permission === "denied";
    const isOn = isWished() && isAllowed();
    button.hidden = !isHere || isBlocked;
    button.textContent = isOn ? "Notifications are on" : "Notify me when it ends";
    button.setAttribute("aria-pressed", String(isOn));
    if (!window.isSecureContext) hint.textContent = "Browsers show notifications only for pages served over HTTPS or on localhost.";
    else if (!isHere) hint.textContent = "This browser can't show notifications.";
    else if (isBlocked) hint.textContent = "This browser blocks notifications from this page. Allow them in its settings for this site to be told when a run is over.";
    else hint.textContent = problem || (isOn ? "As long as this page is open, also in the background." : "");
  };

  const notify = ({ key, title, body }) => {
    try {
      const shown = new Notification(title, { body, tag: key }); // of two tabs with the same news, one shows it
      shown.onclick = () => { window.focus(); shown.close(); };
    } catch { // phones show those of installed applications only
      draw("This browser can't show notifications of a page.");
    }
  };

  const seen = JSON.parse(recall(session, SEEN) ?? "[]");
  const fresh = data.news.filter(({ key }) => !seen.includes(key));
  if (fresh.length) keep(session, SEEN, JSON.stringify([...seen, ...fresh.map(({ key }) => key)].slice(-MOST)));

  button.onclick = async () => {
    if (isWished() && isAllowed()) {
      keep(local, WISH, "no");
      return draw();
    }
    keep(local, WISH, "yes");
    draw((await Notification.requestPermission()) === "default" ? "The permission was not given." : "");
  };
  draw();
  if (isWished() && isAllowed()) fresh.forEach(notify);
}
