// Keeps what is filled in for this tab and person, and gives it back to a session that has just opened the form.
export default function ({ data, setTriggerValue }) {
  const key = `catsdogs-form ${data.person}`, filled = JSON.stringify(data.filled);
  try {
    const kept = window.sessionStorage[key];
    if (!data.is_untouched) window.sessionStorage[key] = filled;
    else if (kept && kept !== filled) setTriggerValue("kept", JSON.parse(kept));
  } catch { /* storage is blocked: a reload empties the form */ }
}
