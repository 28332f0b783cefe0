"""The application in a frame of another site's page, in a browser."""

import threading

import pytest

from tests.serving import Server


@pytest.fixture
def elsewhere():
    with Server() as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        yield other
        other.shutdown()


def test_no_page_of_another_site_can_show_it_and_catch_clicks(page, server, elsewhere):
    elsewhere.files["/"] = f'<!doctype html><iframe src="{server}/results"></iframe>'.encode()
    with page.expect_console_message(lambda message: "frame-ancestors 'self'" in message.text):
        page.goto(f"http://localhost:{elsewhere.server_port}/")
    assert page.frame_locator("iframe").get_by_test_id("stApp").count() == 0
