"""The health check: a line for each kind of finding, which opens to its photographs, to be left out, relabelled or called fine."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from catsdogs.analysis import health
from catsdogs.analysis.copies import EXACT, NEAR
from catsdogs.analysis.findings import FINE, LOOK, TROUBLE, UNKNOWN, Finding, Item
from catsdogs.analysis.looks import Look
from catsdogs.data import corrections
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.system import access
from pages.parts.data import copies, looking, verdict
from pages.parts.shared import chosen_data, names

_CORRECTED = "corrections"
_TITLES = {
    health.CLASSES: "Classes",
    health.SIZES: "Sizes and proportions",
    health.FORMATS: "Formats",
    health.UNUSABLE: "Unusable files",
    EXACT: "Exact copies",
    NEAR: "Near copies",
    health.DOUBTFUL: "Doubtful labels",
    health.ODD: "Odd ones out",
    health.JFIF: "As Keras' tutorial does",
    _CORRECTED: "Your corrections",
}
_ICONS = {
    TROUBLE: ":red[:material/error:]",
    LOOK: ":orange[:material/visibility:]",
    FINE: ":green[:material/check_circle:]",
    UNKNOWN: ":gray[:material/circle:]",
}
_TOLD = {TROUBLE: "with problems", LOOK: "to look at", FINE: "fine", UNKNOWN: "not looked for yet"}
_ODD = (
    "Unlike the others, as the bundled network sees them; the oddest first. It was trained to tell cats from dogs and knows little else: "
    "in a test with 40 pictures of other things among 2,000 photographs, it found 19, and showed 27 unusual cats and dogs."
)
_PAGE = 12  # photographs at once
_GROUPS = 4  # of copies at once
_REASONS = 6  # for which files can't be used
_OPEN = "health_open"  # in the session: names of findings
_SEEN = "health_seen"  # in the session: what is drawn of each open finding, so that nothing that was judged moves away


def show(listing: Listing) -> None:
    """Draw all of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Health check", anchor=False)
        st.space("stretch")
        pressed = looking.is_asked(listing)
    if pressed:
        looking.look(listing)
    findings = _findings(listing)
    grades = [finding.grade for finding in findings]
    counted = [f"{icon} {grades.count(grade)} {_TOLD[grade]}" for grade, icon in _ICONS.items() if grade in grades]
    st.markdown("\u2003".join(counted))
    st.caption(looking.progress(listing))
    _show_rows(Path(listing.folder), findings, listing)


def show_corrections(folder: Path) -> None:
    """Draw what was corrected, for a data set that can't be used as it is now, unless that is because corrections can't be read."""
    with suppress(InputError):
        _show_rows(folder, (), None)


def _findings(listing: Listing) -> tuple[Finding, ...]:
    """Kept while neither the listing nor a look is another one: for 20,000 photographs, they take a while to find."""
    key = listing, looking.of_labels(listing), looking.bundled(listing), looking.judge(listing)
    kept = _kept().get(listing.folder)
    if not kept or any(one is not other for one, other in zip(kept[0][:3], key[:3], strict=True)) or kept[0][3] != key[3]:
        kept = _kept()[listing.folder] = key, _find(*key)
    return kept[1]


def _find(listing: Listing, of_labels: Look | None, bundled: Look | None, judge: str) -> tuple[Finding, ...]:
    *before, jfif = health.examine(listing)
    doubtful = health.doubtful(listing, of_labels) if of_labels else Finding(health.DOUBTFUL, UNKNOWN, "Not looked for yet.")
    if of_labels:
        doubtful = replace(doubtful, sentence=f"{doubtful.sentence} Judged by {judge}.")
    odd = health.odd(listing, bundled) if bundled else Finding(health.ODD, UNKNOWN, "Not looked for yet.")
    return *before, doubtful, odd, jfif


def _show_rows(folder: Path, findings: tuple[Finding, ...], listing: Listing | None) -> None:
    judged = (listing.corrections if listing else corrections.load(folder)).images
    with st.container(key="health", gap="xxsmall"):
        for finding in findings:
            _show_row(folder, finding, judged, listing)
        if judged:
            _show_row(folder, _corrected(judged), judged, listing)


def _corrected(judged) -> Finding:
    roles = list(judged.values())
    counts = {"left out": roles.count(corrections.LEFT_OUT), "called fine": roles.count(corrections.FINE)}
    counts["relabelled"] = len(roles) - sum(counts.values())
    counted = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    about = "No file was changed, and each correction can be undone. The next run applies them, and its environment records them."
    return Finding(_CORRECTED, FINE, f"{counted}. The next run applies them.", about, tuple((Item(path, ""),) for path in judged))


def _show_row(folder: Path, finding: Finding, judged, listing: Listing | None) -> None:
    label = f"{_ICONS[finding.grade]} **{_TITLES[finding.name]}**\u2002{names.plain(finding.sentence)}"
    key, opened = f"health_{finding.name}", st.session_state.setdefault(_OPEN, set())
    st.session_state[key] = finding.name in opened  # another label makes another expander, which would be closed
    with st.expander(label, key=key, on_change=_turn, args=(finding.name,)) as row:
        seen = st.session_state.setdefault(_SEEN, {})
        if not row.open:
            seen.pop((folder, finding.name), None)
            return
        drawn = [group for group, contents in seen.get((folder, finding.name), ()) if _is_as_drawn(folder, group, contents, judged)]
        groups = _with_new_ones(drawn, finding)
        seen[folder, finding.name] = [(group, _contents(folder, group)) for group in groups]
        _show_about(finding, listing)
        _show_for_all(folder, finding.name, groups, judged)
        if listing and finding.name == health.UNUSABLE:
            _show_unusable(listing)
        _show_groups(folder, finding.name, groups, judged, listing.class_names if listing else ())


def _turn(name: str) -> None:
    """Remember what was opened or closed."""
    st.session_state[_OPEN] ^= {name}


def _contents(folder: Path, group: tuple[Item, ...]) -> list[str | None]:
    return [chosen_data.digest(folder, item.path) for item in group]


def _is_as_drawn(folder: Path, group: tuple[Item, ...], contents: list[str | None], judged) -> bool:
    """Whether the photographs are still the same: another data set may lie there by now. Those that are left out are in no listing."""
    now = _contents(folder, group)
    return all(item.path in judged or one == other for item, one, other in zip(group, now, contents, strict=True))


def _with_new_ones(seen: Sequence, finding: Finding) -> tuple:
    """What is drawn already, and what came since."""
    known = {item.path for group in seen for item in group}
    return *seen, *(group for group in finding.groups if not any(item.path in known for item in group))


def _show_about(finding: Finding, listing: Listing | None) -> None:
    if finding.name == health.DOUBTFUL:
        looking.show_choice(listing)
    elif about := _ODD if finding.name == health.ODD else finding.about:
        st.caption(names.plain(about))
    elif finding.grade == FINE and not finding.groups:
        st.caption("Nothing to show.")


def _show_unusable(listing: Listing) -> None:
    judged = listing.corrections.images
    entries = [entry for entry in listing.set_aside if entry.path not in judged and not entry.twin]
    if entries:
        reasons = Counter(entry.reason for entry in entries)
        for reason, count in reasons.most_common(_REASONS):  # whole, where the table has no room for them
            st.caption(f"{names.counted(count, 'file')}: {names.plain(reason)}")
        shown = [{"file": names.shown(entry.path), "reason": names.shown(entry.reason)} for entry in entries]
        st.dataframe(pd.DataFrame(shown), hide_index=True, alt="Unusable files")


def _show_for_all(folder: Path, name: str, groups: tuple, judged) -> None:
    """What can be done with all of a finding at once."""
    items = [item for group in groups for item in group]
    spare = [item.path for item in items if item.is_spare]
    look = {"disabled": access.looks_only(), "on_click": verdict.give}
    if open_ones := [path for path in spare if path not in judged]:
        label, arguments = f"Leave out {names.counted(len(open_ones), 'file')}", (verdict.as_shown(folder, open_ones), corrections.LEFT_OUT)
        st.button(label, icon=":material/block:", key=f"leave_all_out_{name}", args=(folder, *arguments), **look)
    elif spare or name == _CORRECTED:
        shown = verdict.as_shown(folder, spare or [item.path for item in items if item.path in judged])
        st.button("Take all back", icon=":material/undo:", key=f"take_all_back_{name}", args=(folder, shown, None), **look)


def _show_groups(folder: Path, name: str, groups: tuple, judged, class_names: tuple[str, ...]) -> None:
    """The first of them, and a button for more: single photographs in a grid, copies in a frame for each group."""
    are_copies = name in (EXACT, NEAR)
    page = _GROUPS if are_copies else _PAGE
    key = f"health_shown_{folder}_{name}"
    count = st.session_state.setdefault(key, page)
    if are_copies:
        with st.grid(columns=2, min_column_width=300):
            for index, group in enumerate(groups[:count]):
                copies.show(folder, group, judged, class_names, f"{name}_{index}")
    else:
        with st.grid(columns=6, min_column_width=150):
            for index, (item,) in enumerate(groups[:count]):
                with st.container(gap="xsmall"):
                    verdict.show(folder, item, judged.get(item.path), class_names, key=f"{name}_{index}")
    if count < len(groups) and st.button(f"Show more of {len(groups):,}", icon=":material/expand_more:", key=f"more_{name}"):
        st.session_state[key] += page
        st.rerun()


@st.cache_resource(show_spinner=False)
def _kept() -> dict[str, tuple]:
    return {}
