// Sends pictures in small groups, large ones one by one, with XMLHttpRequest, which, unlike fetch, tells how much of each was sent.
// One request at a time: so they arrive in their order, and several would keep browser and server from drawing the first answers.
const GROUP = 40, GROUP_BYTES = 2e6; // the most files in a request, unless one alone is larger
const FIRST = 4; // files in the first one, so that it comes soon
const TELL_AFTER = 250; // ms, where nothing has come by then: a large file is on its way
const MOST_NAMED = 200; // of what could not be sent
const TOOLS = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/; // what systems keep beside pictures; not worth a word
const { compare } = new Intl.Collator("en", { numeric: true }); // as people order names of files: 2.jpg before 10.jpg
let last = null; // the frame that was drawn last: what it sends goes on while another page is shown
let isLost = false; // whether the server was restarted while pictures were being sent
const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? "file was" : "files were"}`;

// The files below what was dropped, folders included, as [name with its folders, file].
const below = async (entry) => {
  if (entry.isFile) return new Promise((done) => entry.file((file) => done([[entry.fullPath.slice(1), file]]), () => done([])));
  const reader = entry.createReader(), found = [];
  for (;;) { // it gives a hundred at a time
    const some = await new Promise((done) => reader.readEntries(done, () => done([])));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.sort((one, other) => compare(one.name, other.name)).map(below))).flat();
};

window.addEventListener("beforeunload", (event) => { if (last?.isSending()) event.preventDefault(); }); // the browser asks first

// Keeps the album's id for this tab and person, and gives it to another session: the tab was reloaded, or the server restarted.
const remember = ({ id, is_begun: isBegun, cleared, person }, setTriggerValue) => {
  const key = `catsdogs-pictures ${person}`;
  try {
    const kept = window.sessionStorage[key];
    if (isBegun) window.sessionStorage[key] = id;
    else if (kept && kept !== id) {
      delete window.sessionStorage[key];
      if (kept !== cleared) setTriggerValue("before", kept);
    }
  } catch { /* storage is blocked: a reload loses the pictures */ }
};

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const find = (id) => parentElement.querySelector(`#${id}`);
  const isBack = last && last !== find("frame") && last.data.path === data.path && last.isSending();
  if (isBack) find("frame").replaceWith(last);
  const frame = find("frame");
  if (last && last !== frame) {
    isLost = (isLost || last.isSending()) && last.data.id !== data.id && last.data.id !== data.cleared;
    last.halt(isLost ? "The connection to the server was lost. Send it again." : "Stopped.");
  }
  remember(data, setTriggerValue);
  Object.assign(frame, { data, setStateValue, setTriggerValue });
  if (isBack) setTimeout(frame.comeBack);
  if (last === frame) return; // drawn again: what is being sent goes on
  last = frame;
  const [files, camera, folder, title, hint, bar, stop] = ["files", "camera", "folder", "title", "hint", "bar", "stop"].map(find);
  const [invitation, promise] = [title, hint].map(({ innerHTML }) => innerHTML); // as in the HTML, so that nothing moves when this runs
  files.accept = ["image/*", ...data.accept].join(",");
  let waiting = [], unsent = [], request = null, total = 0, done = 0, taken = 0, alone = 0, isTold = false;

  const tell = () => { // the page, once there is something for it to show
    if (isTold || !total || !frame.isConnected) return;
    isTold = true;
    frame.setStateValue("sending", true);
  };

  const rest = () => {
    title.innerHTML = invitation;
    hint.innerHTML = promise;
    hint.classList.remove("wrong");
    hint.removeAttribute("role");
    bar.hidden = stop.hidden = true;
  };

  const complain = (text) => {
    hint.textContent = text;
    hint.classList.add("wrong");
    hint.setAttribute("role", "alert");
  };

  const progress = (going = 0) => {
    bar.value = total ? (done + going) / total : 0;
    hint.textContent = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} sent`;
  };

  const finish = () => {
    if (!frame.isConnected) return; // told when the page is back
    const some = unsent.slice(0, MOST_NAMED);
    if (unsent.length > some.length) some.push([`${(unsent.length - some.length).toLocaleString("en")} more`, unsent.at(-1)[1]]);
    rest();
    if (isTold) frame.setStateValue("sending", false);
    isTold = false;
    frame.setTriggerValue("unsent", some); // also where there is nothing: all has come
    if (some.length) complain(`${counted(unsent.length)} not taken; the reasons are below.`);
    waiting = []; unsent = []; total = done = taken = alone = 0;
  };

  const next = () => {
    if (request) return;
    if (waiting.length) put(group());
    else finish();
  };

  const group = () => { // the next files to be sent together
    const most = alone ? 1 : isTold ? GROUP : FIRST;
    let size = 0, count = 0;
    while (count < Math.min(most, waiting.length) && (size += waiting[count][1].size) <= GROUP_BYTES) count += 1;
    alone = Math.max(alone - 1, 0);
    return waiting.splice(0, Math.max(count, 1));
  };

  const put = (some) => {
    request = new XMLHttpRequest();
    const ended = (reason) => {
      request = null;
      done += some.length;
      if (reason) unsent.push(...some.map(([name]) => [name, reason]));
      progress();
      if (waiting.length) tell();
      next();
    };
    request.upload.onprogress = ({ loaded, total: size }) => progress(size ? some.length * loaded / size : 0);
    request.onload = () => ended(request.status === 204 ? null : request.responseText || `The server answers ${request.status}.`);
    request.onerror = () => {
      if (some.length === 1) return ended("The connection broke off, or the file can't be read. Send it again.");
      request = null; // one of them can't be read, perhaps: each by itself
      alone += some.length;
      waiting.unshift(...some);
      next();
    };
    request.ended = ended;
    const root = window.location.pathname.replace(/\/[^/]*$/, "");
    request.open("PUT", `${root}${frame.data.path}`);
    const head = new TextEncoder().encode(JSON.stringify(some.map(([name, file]) => [name, file.size])));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, head.length);
    request.send(new Blob([length.buffer, head, ...some.map(([, file]) => file)]));
  };

  const send = (named) => {
    const some = named.filter(([name]) => !TOOLS.test(name));
    if (!some.length) return request || complain("No picture found. Hidden files are skipped."); // nothing, or what systems keep
    const before = waiting.length;
    for (const [name, file] of some) {
      const isTaken = file.type.startsWith("image/") || frame.data.accept.some((suffix) => name.toLowerCase().endsWith(suffix));
      if (!isTaken) unsent.push([name, "Not an image."]);
      else if (taken >= frame.data.room) unsent.push([name, "More pictures than are accepted at once. Clear those that are here first."]);
      else { waiting.push([name, file]); taken += 1; }
    }
    remember({ ...frame.data, is_begun: true });
    isLost = false;
    total += some.length;
    done += some.length - (waiting.length - before); // those that are not sent
    title.textContent = "Sending";
    bar.hidden = stop.hidden = false;
    hint.classList.remove("wrong");
    hint.removeAttribute("role");
    setTimeout(tell, TELL_AFTER);
    progress();
    next();
  };

  const chosen = (input) => () => {
    const named = [...input.files].map((file) => [file.webkitRelativePath || file.name, file]);
    send(input === folder ? named.sort(([one], [other]) => compare(one, other)) : named);
    input.value = "";
  };
  for (const input of [files, camera, folder]) input.onchange = chosen(input);
  frame.halt = (reason) => {
    for (const [name] of waiting) unsent.push([name, reason]);
    waiting = [];
    if (request) request.onabort = () => request.ended(reason);
    request?.abort();
  };
  stop.onclick = () => frame.halt("Stopped.");
  frame.isSending = () => total > 0;
  frame.ondragover = (event) => { event.preventDefault(); frame.classList.add("over"); };
  frame.ondragleave = () => frame.classList.remove("over");
  frame.ondrop = async (event) => {
    event.preventDefault();
    frame.classList.remove("over");
    const found = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => { // gone after this event
      const entry = item.webkitGetAsEntry?.();
      return entry?.isDirectory ? below(entry) : [[item.getAsFile().name, item.getAsFile()]];
    });
    send((await Promise.all(found)).flat());
  };
  const paste = (event) => {
    if (!frame.isConnected) return document.removeEventListener("paste", paste);
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length) { event.preventDefault(); send(pasted.map((file) => [file.name || "pasted.png", file])); }
    else if (!request && !event.target.closest("input, textarea")) complain("No picture was pasted. Copy the picture itself, not its address or text.");
  };
  document.addEventListener("paste", paste);
  frame.comeBack = () => {
    document.addEventListener("paste", paste);
    isTold = false; // what the page was told is forgotten with the page
    tell();
    next();
  };
  rest();
  if (isLost) complain("The connection to the server was lost. Send the missing pictures again.");
}
