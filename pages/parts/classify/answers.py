"""What networks answer, drawn as it comes: what there is to choose from, a gallery of cards or a table, and what to do with it.

Only this part of the page is drawn again while answers come, and at a click in it. One function draws one card.
"""

import streamlit as st

from catsdogs.data import naming
from catsdogs.errors import InputError
from catsdogs.inference import sheet
from catsdogs.inference.sheet import Row
from catsdogs.runs import Run
from catsdogs.sources.album import Album, Picture
from catsdogs.system import words
from catsdogs.system.shortage import DiskFull
from pages.parts.classify import asking, inbox, keeping, marks, networks, table, why
from pages.parts.shared import frame, names

_EVERY = 0.3  # seconds between two drawings while answers come
_ASKING = (0.05, 0.4, 2.0)  # seconds of asking before it is drawn: the first answers, the first page of them, the others
_PAGE = 24  # cards
_AT = "answers_page"  # in the session: the page that is shown
_DRAWN = "answers_drawn"  # in the session: how many answers were last drawn
_ABOUT_NEITHER = (
    "The picture looks unlike the photographs the network was trained on. At most 1 in 20 of its own validation photographs are marked "
    "this way. The bundled network also marks 5.7% of 2,000 cats and dogs from another source, and 82.9% of 985 pictures of other things."
)
_ABOUT_MARKS = "Wrong answer? Mark what the picture shows. Marks are kept in the CSV file and in data sets made from these pictures."
_COLORS = {"cat": "orange", "dog": "blue"}
_GALLERY, _TABLE = ":material/grid_view: Gallery", ":material/table_rows: Table"
_MOST_NAMED = 20  # of what was left out


def show(run: Run, other: Run | None, album: Album, is_sending: bool) -> None:
    """Ask the networks about the album's pictures, and draw what they answer; again and again until all is there."""
    is_busy = is_sending or any(asking.missing(each, album.pictures) for each in filter(None, (run, other)))

    @st.fragment(run_every=_EVERY if is_busy else None)
    def draw():
        if inbox.album() is not album or any(networks.is_gone(each) for each in filter(None, (run, other))):
            st.rerun()  # the pictures were deleted after a day, or somebody has deleted a network: another one is chosen
        with st.container():  # one place for what comes and goes
            is_done = _ask([each for each in (run, other) if each], album, is_sending)
        rows = _rows(run, other, album)
        if rows:
            _show_rows(run, other, album, rows, is_busy)
        _name_left_out(album)
        st.session_state[_DRAWN] = len(rows)
        if is_busy != (is_sending or not is_done):  # all is there, or the model was replaced: stops the polling, or begins it
            st.rerun()

    with st.container():  # else what it draws anew, when that is more than before, takes the place of what follows
        draw()


def _ask(runs: list[Run], album: Album, is_sending: bool) -> bool:
    """Whether all is answered; a bar tells how much while it is not. The first answer may have to wait for the network to load."""
    pictures = album.pictures
    left = asking.left_of(runs, pictures)
    answered = len(pictures) - left
    drawn = min(st.session_state.get(_DRAWN, 0), answered)
    is_kept_waiting = drawn < min(answered, _PAGE)  # the last asking was interrupted, by a click or when all had been sent
    seconds = 0 if is_kept_waiting else _ASKING[(drawn > 0) + (drawn >= _PAGE)]
    if not pictures or not (left or is_sending):  # until the first ones are here, the box tells how many were sent
        return True
    place = st.empty()

    def report(done: int) -> None:
        place.progress(done / len(pictures), f"{done:,} of {names.counted(len(pictures), 'picture')} answered")

    report(answered)
    try:
        return asking.ask(runs, pictures, seconds, report)
    except InputError as error:
        frame.error(error)
        st.stop()


def _rows(run: Run, other: Run | None, album: Album) -> list[Row]:
    """All pictures of the album that the network answered, as they came."""
    answers, others, marked = asking.answers(run), asking.answers(other) if other else {}, marks.load(networks.labels(run))
    return [
        Row(picture.digest, picture.name, picture.path, answers[picture.digest], others.get(picture.digest), marked.get(picture.digest))
        for picture in album.pictures
        if picture.digest in answers
    ]


def _show_rows(run: Run, other: Run | None, album: Album, rows: list[Row], is_busy: bool) -> None:
    filtered = sheet.filters(rows, networks.labels(run))
    if len(rows) == 1:
        _alone(rows[0], run, other, album)
        keeping.show(rows, run, other, album, is_busy)
        return
    _count(filtered, networks.labels(run))
    with st.container(horizontal=True, vertical_alignment="center", key="answers_bar"):
        shown = st.pills(
            "Show",
            list(filtered),
            default=sheet.ALL,
            required=True,
            format_func=marks.called(filtered),  # without the counts: a click is told by what was on the button, and they change
            key="answers_shown",
            on_change=_turn_back,
            label_visibility="collapsed",
            wrap=True,
        )
        st.space("stretch")
        order = _choose_order(other)
        view = frame.switch("View", (_GALLERY, _TABLE), "answers_view", persist_state="session")
    chosen = sheet.ordered(filtered.get(shown, rows), order)
    if view == _TABLE:
        table.show(chosen, run, other)
    else:
        _gallery(chosen, run, other, album)
    keeping.show(rows, run, other, album, is_busy)


def _count(filtered: dict[str, list[Row]], labels: tuple[str, ...]) -> None:
    """How many there are of each kind, and what the buttons below the pictures are for."""
    counts = [_counted(name, len(found), name in labels) for name, found in filtered.items() if name != sheet.ALL]
    with st.container(gap="xsmall"):
        st.markdown(" · ".join([f"**{names.counted(len(filtered[sheet.ALL]), 'picture')}**", *counts]))
        if any(row.is_answered for row in filtered[sheet.ALL]):
            st.caption(_ABOUT_MARKS)


def _counted(name: str, count: int, is_label: bool) -> str:
    """2 cats, 1 looks like neither, networks disagree on 1."""
    if is_label:
        return names.plain(naming.counted(count, name))
    if name == sheet.DISAGREE:
        return f"{sheet.shown(name)} on {count:,}"
    return f"{count:,} {'looks like neither' if name == sheet.STRANGE and count == 1 else sheet.shown(name)}"


def _choose_order(other: Run | None) -> str:
    orders = [sheet.AS_THEY_CAME, sheet.LEAST, sheet.MOST]
    orders = [sheet.DIFFERENCE, *orders] if other else orders
    key = f"answers_order_{bool(other)}"
    return st.selectbox("Order", orders, key=key, on_change=_turn_back, width=210, label_visibility="collapsed")


def _turn_back() -> None:
    """To the first page, of what was chosen just now."""
    st.session_state[_AT] = 1


def _gallery(rows: list[Row], run: Run, other: Run | None, album: Album) -> None:
    pages = -(-len(rows) // _PAGE)
    at = st.session_state.get(_AT, 1)
    first = (min(at, pages) - 1) * _PAGE
    with st.container(key="cards"), st.grid(columns=4, min_column_width=160):
        for row in rows[first : first + _PAGE]:
            with st.container(border=True, gap="xsmall", height="stretch"):
                _card(row, run, other, album)
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if at > pages:
                st.session_state[_AT] = pages
            st.pagination(pages, width=340, key=_AT)


def _alone(row: Row, run: Run, other: Run | None, album: Album) -> None:
    """The only picture, with the answer beside it where there is room."""
    with st.container(key="cards", border=True):
        if row.error:
            _card(row, run, other, album)
            return
        left, right = st.columns(2, gap="medium")
        with left:
            _picture(row, album)
        with right:
            _answer(row, run, other, _ABOUT_MARKS)


def _card(row: Row, run: Run, other: Run | None, album: Album) -> None:
    """One picture: what it looks like, the answer, that of the other network, and what a person says it is."""
    if row.error:
        st.error(names.plain(row.error), icon=":material/broken_image:")
        st.caption(names.plain(row.name))
        return
    _picture(row, album)
    _answer(row, run, other)


def _picture(row: Row, album: Album) -> None:
    try:
        st.image(str(album.thumbnail(Picture(row.digest, row.name, row.path))), width="stretch", alt=names.shown(row.name))
    except DiskFull as error:
        st.caption(names.said(error))
    except (InputError, OSError):  # its file is gone since it was answered
        st.caption("The picture is no longer here.")


def _answer(row: Row, run: Run, other: Run | None, about_marks: str = "") -> None:
    answer = row.answer
    if row.is_strange:
        st.markdown("## :gray[neither]", help=_ABOUT_NEITHER)
        st.caption(f"Of the two, rather **{names.plain(answer.label)}** {words.probability(answer.probability)}")
    else:
        st.markdown(f"## :{_COLORS.get(answer.label, 'primary')}[{names.plain(answer.label)}] {words.probability(answer.probability)}")
        with st.container(key=f"bar-{answer.label}-{row.digest}"):
            st.progress(answer.probability)
    if row.other and row.other.label:
        st.caption(f"The other network: {_said_by_other(row)}")
    remarks = [text for text, is_so in (("little better than a guess", row.is_unsure), ("marked wrong", row.is_wrong)) if is_so]
    st.caption(" · ".join([names.plain(row.name), *remarks]))
    marks.choose(row, networks.labels(run), about_marks)
    why.button(run, answer, row.path, key=row.digest)


def _said_by_other(row: Row) -> str:
    if row.other.neither:
        return "**neither**"
    label = names.plain(row.other.label)
    shown = f":{_COLORS.get(row.other.label, 'primary')}[{label}]" if row.is_disputed else label
    return f"**{shown}** {words.probability(row.other.probability)}"


def _name_left_out(album: Album) -> None:
    """What was not taken, and why."""
    left_out = album.left_out
    if left_out:
        with st.expander(f":material/info: {names.counted(len(left_out), 'file')} left out"):
            for entry in left_out[:_MOST_NAMED]:
                st.caption(f"{names.plain(entry.name)}: {names.plain(entry.reason)}")
            if len(left_out) > _MOST_NAMED:
                st.caption(f"and {len(left_out) - _MOST_NAMED:,} more; the CSV file names them all.")
