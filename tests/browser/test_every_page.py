"""Every page in every language: nobody is shut out by it, it is small, it asks nobody else for anything."""

import pathlib
import re
import urllib.parse

import chromium
import pytest
import service

LANGUAGES = ["en", "pt", "it", "es", "ru", "ro"]
LOCALES = service.ROOT / "functions" / "web" / "locales"
BYTES_MAX = 60_000


@pytest.fixture(scope="module")
def people(program, servers, crm, tmp_path_factory):
    """The administrator, who is also Anna; Ben, whose access has ended; and a stranger. Each with a browser."""
    from conftest import Person

    folder = tmp_path_factory.mktemp("profiles")
    with (
        chromium.browser(folder / "anna") as anna,
        chromium.browser(folder / "ben") as ben,
        chromium.browser(folder / "stranger") as stranger,
    ):
        person = Person(program, servers, crm, "anna@example.com")
        person.authorise(anna, name="Anna Rossi")
        anna.open(f"{program.base}/admin")
        anna.fill("#key", service.ADMIN_KEY)
        anna.click("main button")
        anna.find(".cards")
        # Something of everything that the page can show.
        person.quarrel()
        broken = person.meet("Without a day", 4)
        servers.ask(
            "crm_edit", user=person.user["id"], module="Meetings", id=broken, attributes={"date_start": ""}
        )
        person.sync()
        person.disappear(12)
        other = Person(program, servers, crm, "ben@example.com")
        other.authorise(ben, name="Ben Weber")
        servers.ask("google_revoke", email=other.email)
        assert other.sync()["outcome"] == "needs_authorization"
        # A CRM with nothing set up beyond its address.
        program.call("PUT", "/crms/bare", {
            "kind": "suitecrm", "label": "Bare CRM", "base_url": servers.addresses["crm"]["base_url"],
            "auth": servers.addresses["crm"]["clients"][0],
        })  # fmt: skip
        yield {"anna": anna, "ben": ben, "stranger": stranger, "person": person}


def pages(people, program):
    """Every page, by a name, as what leads to it: each leaves a browser on it."""
    anna, ben, stranger = people["anna"], people["ben"], people["stranger"]
    base = program.base

    def opened(browser, path):
        browser.open(base + path)
        return browser

    def pressed(path, button, before=lambda: None):
        opened(anna, path)
        before()
        anna.click(button)
        return anna

    def wrong_settings():
        anna.driver.execute_script(
            "for (const form of document.forms) form.noValidate = true;"
            "document.querySelector('#interval_minutes').value = '1'"
        )

    def wrong_registration():
        anna.driver.execute_script("for (const form of document.forms) form.noValidate = true")
        anna.fill("#base_url", "ftp://nowhere")

    yield "sign-in", lambda: opened(stranger, "/admin")
    yield "not-signed-in", lambda: opened(stranger, "/me")
    yield "nothing-here", lambda: opened(stranger, "/nothing")
    yield "authorize", lambda: opened(stranger, "/authorize?crm=acme")
    yield "authorize-signed", lambda: (stranger.open(people["person"].link(name="Anna Rossi")), stranger)[1]
    yield "not-set-up", lambda: opened(stranger, "/authorize?crm=bare")
    yield "crms", lambda: opened(anna, "/admin")
    yield "new", lambda: opened(anna, "/admin/new")
    for kind in ("suitecrm", "vtiger"):
        yield f"new-{kind}", lambda kind=kind: opened(anna, f"/admin/new?kind={kind}")
    yield "new-wrong", lambda: pressed("/admin/new?kind=suitecrm", "button[value=check]", wrong_registration)
    yield "crm", lambda: opened(anna, "/admin/crms/acme")
    yield "crm-bare", lambda: opened(anna, "/admin/crms/bare")
    yield "crm-checked", lambda: pressed("/admin/crms/acme", "form[action$=check] button")
    yield "crm-key", lambda: pressed("/admin/crms/acme", "form[action$=link-key] button")
    yield "crm-no-file", lambda: pressed("/admin/crms/acme", "form[action$=google-client] button.main")
    yield "crm-edit", lambda: opened(anna, "/admin/crms/acme/edit")
    yield "crm-defaults", lambda: opened(anna, "/admin/crms/acme/defaults")
    yield "me", lambda: opened(anna, "/me")
    yield "me-wrong", lambda: pressed("/me", "#settings .save button", wrong_settings)
    yield "me-preview", lambda: pressed("/me", "form[action='/me/preview'] button")
    yield "me-access-ended", lambda: opened(ben, "/me")


def texts(language: str) -> dict[str, str]:
    """The texts of a language by their keys, those without variables."""
    found = {}
    for file in sorted((LOCALES / language).glob("*.ftl")):
        for key, text in re.findall(r"^([a-z][\w-]*) = ([^{}\n]+)$", file.read_text(), re.MULTILINE):
            found[key] = text
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_for_everybody(program, people, language):
    for name in ("anna", "ben", "stranger"):
        people[name].look()
        people[name].open(f"{program.base}/admin?lang={language}")
    english, own = texts("en"), texts(language)
    keys = {
        key
        for file in (LOCALES / "en").glob("*.ftl")
        for key in re.findall(r"^([a-z][\w-]*-[\w-]*) =", file.read_text(), re.MULTILINE)
    }
    # Some keys are words of the language too.
    keys -= {key for key in keys for text in own.values() if key in text}
    foreign = {
        text for key, text in english.items() if len(text) > 11 and own[key] != text and text not in own.values()
    }
    wrong = []
    for name, lead_to in pages(people, program):
        browser = lead_to()

        def complain(what, page=f"{language}/{name}"):
            wrong.append(f"{page}: {what}")

        assert browser.driver.execute_script("return document.documentElement.lang") == language, name
        wrong_here = browser.complaints()
        for size, dark in ((chromium.WIDE, True), (chromium.NARROW, True), (chromium.NARROW, False)):
            browser.look(size, dark)
            wrong_here += browser.complaints(looks_only=True)
            room = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
            if room > 0:
                complain(f"{room} pixels too wide for {size[0]}")
        browser.look()
        for one in dict.fromkeys(wrong_here):
            complain(one)

        said = browser.driver.execute_script("return document.body.innerText")
        bare = keys & set(re.findall(r"[a-z][\w-]*-[\w-]*\w", said))
        if bare:
            complain(f"bare keys {bare}")
        if language != "en" and (left := [text for text in foreign if text in said]):
            complain(f"English {left}")

        fetched = browser.fetched()
        elsewhere = [address for address, _ in fetched if not address.startswith(program.base)]
        if elsewhere:
            complain(f"asked elsewhere: {elsewhere}")
        if (size := sum(size for _, size in fetched)) > BYTES_MAX:
            complain(f"{size} bytes")
    assert not wrong, "\n".join(wrong)


def test_the_pictures_of_readme_are_there_and_small():
    readme = (service.ROOT / "README.md").read_text()
    pictures = [urllib.parse.unquote(path) for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme)]
    assert pictures
    for picture in pictures:
        assert (service.ROOT / pathlib.Path(picture)).stat().st_size < 200_000, picture
