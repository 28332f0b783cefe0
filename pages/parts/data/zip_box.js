// Sends one file at a time with XMLHttpRequest, which, unlike fetch, tells how much of it was sent.
const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(bytes / 1e6, 0.1).toFixed(1)} MB`);

const LOST = "The connection to the server was lost before the file was unpacked. Send it again.";
let last = null; // the frame that was drawn last: what it sends goes on while another page is shown

window.addEventListener("beforeunload", (event) => { if (last?.sending === "on its way") event.preventDefault(); }); // the browser asks first

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (id) => parentElement.querySelector(`#${id}`);
  if (last?.path === data.path && last !== find("frame")) find("frame").replaceWith(last); // the page was left meanwhile
  const isLost = Boolean(last?.sending) && last.path !== data.path && last.path !== data.ended; // the server was restarted
  if (isLost) last.halt();
  const frame = last = find("frame");
  Object.assign(frame, { path: data.path, setTriggerValue });
  const [box, file, title, hint, bar, stop] = ["box", "file", "title", "hint", "bar", "stop"].map(find);
  const invitation = `Up to ${size(data.limit)}; it goes straight to the server's disk.`;
  if (box.classList.contains("busy")) return;

  const rest = (text, wrong, sending = "") => {
    frame.sending = sending;
    box.classList.remove("busy");
    file.disabled = false;
    file.value = "";
    bar.hidden = stop.hidden = true;
    title.textContent = "Drop a ZIP file here, or click to choose one";
    hint.textContent = text;
    hint.classList.toggle("wrong", Boolean(wrong));
    hint.setAttribute("role", wrong ? "alert" : "note");
  };
  if (isLost || !hint.textContent) rest(isLost ? LOST : invitation, isLost);

  const send = (chosen) => {
    if (!chosen || box.classList.contains("busy")) return;
    if (chosen.size > data.limit) return rest(`${chosen.name} is ${size(chosen.size)}; the limit is ${size(data.limit)}. Split it.`, true);
    const request = new XMLHttpRequest();
    const root = window.location.pathname.replace(/\/[^/]*$/, "");
    frame.sending = "on its way";
    box.classList.add("busy");
    file.disabled = true;
    bar.hidden = stop.hidden = false;
    bar.value = 0;
    title.textContent = chosen.name;
    hint.classList.remove("wrong");
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
      hint.textContent = loaded < total ? `${size(loaded)} of ${size(total)} sent` : "Sent; the server is saving it";
    };
    request.onload = () => {
      if (request.status !== 204) return rest(request.responseText || `The server answers ${request.status}. Send the file again.`, true);
      stop.hidden = true;
      hint.textContent = "Sent; unpacking";
      if (frame.isConnected) frame.setTriggerValue("sent", true); // else the page sees it when it is back
    };
    request.onerror = () => rest("The connection broke off. Send the file again.", true, "broken off");
    frame.halt = stop.onclick = () => { request.abort(); rest("Stopped. Nothing was kept."); }; // also one that has been sent
    const name = chosen.name.toWellFormed ? chosen.name.toWellFormed() : chosen.name;
    request.open("PUT", `${root}${data.path}?name=${encodeURIComponent(name)}`);
    request.send(chosen);
  };

  file.onchange = () => send(file.files[0]);
  box.ondragover = (event) => { event.preventDefault(); box.classList.add("over"); };
  box.ondragleave = () => box.classList.remove("over");
  box.ondrop = (event) => { event.preventDefault(); box.classList.remove("over"); send(event.dataTransfer.files[0]); };
}
