"""A user follows the CRM's link and lives with the page, as a person does."""

import pytest
from selenium.webdriver.common.keys import Keys


def test_from_the_link_in_the_crm_to_disconnecting(program, servers, anna, open_browser):
    servers.ask("google_calendar", email=anna.email, summary="Team of Anna")
    anna.meet("First visit", 1)
    browser = open_browser()
    browser.open(anna.link(name="Anna Rossi", email=anna.email))
    assert "Anna Rossi" in browser.text() and "Acme CRM" in browser.text()
    browser.click("main a.button.main")
    browser.click("button[value=allow]")
    # The first sync is under way, and its end is shown without anything being pressed.
    browser.find("#status")
    browser.wait(lambda: "First visit" in anna.events().values(), "the meeting does not come to Google")
    anna.until_synced()
    browser.open(f"{program.base}/me")
    assert "Anna Rossi" in browser.text("h1")

    # Calendars are offered by their names; settings are kept, and what is wrong is told beside its field.
    assert "Team of Anna" in browser.text("#settings")
    browser.click("#settings input[name=hours]")
    for day in ("sat", "sun"):
        browser.click(f"#settings input[value={day}]")
    browser.fill("#hours_zone", "Mars/Olympus")
    browser.choose("#conflict_winner", "crm")
    browser.click("#settings .save button")
    assert browser.has("#settings [data-field='events.hours.time_zone']")
    assert browser.find("#conflict_winner").get_attribute("value") == "crm", "what was good is not lost"
    browser.fill("#hours_zone", "Europe/Rome")
    browser.click("#settings .save button")
    browser.find(".told p")
    kept = anna.settings()["events"]
    assert (kept["conflict_winner"], kept["hours"]["time_zone"]) == ("crm", "Europe/Rome")
    assert kept["hours"]["days"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    browser.click("#settings input[name=hours]")
    browser.click("#settings .save button")
    browser.wait(lambda: anna.settings()["events"]["hours"] is None)

    # The preview writes nothing; the sync does.
    anna.meet("Second visit", 2)
    browser.click("form[action='/me/preview'] button")
    assert "Second visit" in browser.text()
    assert "Second visit" not in anna.events().values()
    browser.click("form[action='/me/sync'] button")
    browser.wait(lambda: "Second visit" in anna.events().values(), "the meeting does not come to Google")
    browser.wait(lambda: not browser.has("[data-running]"))
    browser.wait(lambda: browser.has("#history .runs li:nth-child(2)"), "the history does not grow by itself")

    # Both changed one title: the CRM won, as was chosen, and the journal gives the other back.
    meeting = anna.quarrel()
    assert anna.meetings()[meeting] == "Review in the CRM"
    browser.open(f"{program.base}/me")
    assert "Review in Google" in browser.text("#journal")
    browser.click("#journal form button")
    browser.find(".told p")
    anna.sync()
    assert anna.meetings()[meeting] == "Review in Google"

    # Disconnected: no more access here, every record still there.
    before = (anna.meetings(), anna.events())
    browser.open(f"{program.base}/me")
    browser.click("#disconnect summary")
    browser.click("#disconnect button.danger")
    browser.wait(lambda: not browser.has("#disconnect"))
    assert (anna.meetings(), anna.events()) == before
    browser.open(f"{program.base}/me")
    assert not browser.has("#status")


def test_the_same_by_keyboard_alone(program, ben, open_browser):
    browser = open_browser()
    browser.open(ben.link(name="Ben Weber"))
    browser.tab_to("main a.button.main")
    browser.enter()
    browser.tab_to("button[value=allow]")
    browser.enter()
    browser.find("#status")
    ben.until_synced()
    browser.open(f"{program.base}/me")
    # The first stop leads past everything that is the same on every page.
    browser.press(Keys.TAB)
    browser.press(Keys.ENTER)
    assert browser.driver.execute_script("return document.activeElement.id") == "main"

    browser.tab_to("#direction")
    browser.press(Keys.ARROW_DOWN)
    browser.tab_to("#settings input[name=private_as_busy]")
    browser.press(Keys.SPACE)
    browser.tab_to("#settings .save button")
    browser.enter()
    browser.find(".told p")
    kept = ben.settings()["events"]
    assert (kept["direction"], kept["private_as_busy"]) == ("crm_to_google", True)
    browser.tab_to("#direction")
    browser.press(Keys.ARROW_UP)
    browser.tab_to("#settings .save button")
    browser.enter()
    assert ben.settings()["events"]["direction"] == "both"

    ben.meet("By keyboard", 2)
    browser.tab_to("form[action='/me/preview'] button")
    browser.enter()
    browser.wait(lambda: "By keyboard" in browser.text())
    browser.tab_to("form[action='/me/sync'] button")
    browser.enter()
    browser.wait(lambda: "By keyboard" in ben.events().values())
    browser.wait(lambda: not browser.has("[data-running]"))

    ben.quarrel()
    browser.open(f"{program.base}/me")
    browser.tab_to("#journal form button")
    browser.enter()
    browser.find(".told p")

    browser.tab_to("#disconnect summary")
    browser.press(Keys.SPACE)
    browser.press(Keys.TAB)
    browser.enter()
    browser.wait(lambda: not browser.has("#disconnect"))


def test_deletions_that_wait_are_named_and_let_go(program, anna, open_browser):
    browser = open_browser()
    anna.authorise(browser)
    anna.disappear(12)
    browser.open(f"{program.base}/me")
    assert "Visit 3" in browser.text("#held") and "12" in browser.text("#held")
    browser.click("#held button")
    browser.wait(lambda: not any(title.startswith("Visit") for title in anna.events().values()))


def test_everything_works_without_a_script(program, ben, open_browser):
    browser = open_browser(script=False)
    ben.authorise(browser)
    browser.choose("#conflict_winner", "google")
    browser.click("#settings .save button")
    browser.wait(lambda: ben.settings()["events"]["conflict_winner"] == "google")
    ben.meet("Without a script", 2)
    browser.click("form[action='/me/sync'] button")
    # The page loads itself again until the run has ended.
    browser.wait(lambda: "Without a script" in ben.events().values())
    browser.wait(lambda: not browser.has("[data-running]"))
    browser.click("#disconnect summary")
    browser.click("#disconnect button.danger")
    browser.wait(lambda: not browser.has("#disconnect"))


@pytest.mark.parametrize(
    ("claims", "liked", "expected"),
    [({"locale": "it_IT"}, "ru", "it"), ({}, "ru", "ru"), ({"locale": "de"}, "pt-BR", "pt"), ({}, "de", "en")],
)
def test_the_page_speaks_the_language_of_the_crm_then_of_the_browser(anna, open_browser, claims, liked, expected):
    browser = open_browser(language=liked)
    browser.open(anna.link(**claims))
    assert browser.driver.execute_script("return document.documentElement.lang") == expected
    # Chosen by hand, it stays.
    browser.click("footer a[lang=ro]")
    assert browser.driver.execute_script("return document.documentElement.lang") == "ro"
    browser.open(f"{anna.program.base}/me")
    assert browser.driver.execute_script("return document.documentElement.lang") == "ro"


def test_times_are_told_in_the_zone_of_the_browser(program, anna, open_browser):
    browser = open_browser()
    browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
    anna.authorise(browser)
    browser.open(f"{program.base}/me")
    zone, told, instant = browser.driver.execute_script(
        "const time = document.querySelector('#status time');"
        "return [document.documentElement.dataset.zone, time.textContent, time.dateTime]"
    )
    assert zone == "Asia/Tokyo"
    hour = int(instant[11:13])
    assert f"{(hour + 9) % 24:02}:{instant[14:16]}" in told
