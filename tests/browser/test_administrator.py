"""An administrator sets up a CRM from nothing, as a person does."""

import json

import service


def test_a_crm_is_registered_checked_and_given_the_google_client(program, servers, open_browser, tmp_path):
    browser = open_browser()
    browser.open(f"{program.base}/admin")
    browser.fill("#key", "wrong")
    browser.click("main button")
    assert "not the administrator" in browser.text("[role=alert]")
    browser.fill("#key", service.ADMIN_KEY)
    browser.click("main button")
    browser.click("#empty a.button")
    browser.click("a[href$='kind=suitecrm']")

    # A wrong secret is named beside its field, and nothing else has to be typed again.
    client = servers.addresses["crm"]["clients"][0]
    browser.fill("#crm", "acme")
    browser.fill("#label", "Acme CRM")
    browser.fill("#base_url", servers.addresses["crm"]["base_url"])
    browser.fill("#client_id", client["client_id"])
    browser.fill("#client_secret", "wrong")
    browser.fill("#interval_minutes", "30")
    browser.click("button[value=check]")
    assert "secret" in browser.text("#client_secret-fault")
    assert browser.find("#base_url").get_attribute("value") == servers.addresses["crm"]["base_url"]
    browser.fill("#client_secret", client["client_secret"])
    browser.click("button[value=check]")
    assert browser.has("#check .mark.good") and not browser.has("#check .mark.bad")

    # The file: a wrong one is told, the right one installed.
    assert browser.has("[data-client-state=not_configured]")
    redirect = browser.text("#redirect")
    assert redirect == f"{program.base}/oauth/google/callback"
    wrong = tmp_path / "desktop.json"
    wrong.write_text(json.dumps({"installed": {}}))
    browser.find("#file").send_keys(str(wrong))
    browser.click("form[action$=google-client] button.main")
    assert "Desktop app" in browser.text("[data-field=installed]")
    right = tmp_path / "client.json"
    right.write_text(json.dumps(servers.ask("client_file", redirect_uri=redirect)))
    browser.find("#file").send_keys(str(right))
    browser.click("form[action$=google-client] button.main")
    browser.find("[data-client-state=configured]")
    browser.click("form[action$=check] button")
    browser.find("[data-client=ok]")
    assert not browser.has("[data-missing=client]") and browser.has("[data-missing=users]")

    # Removed, and typed in instead.
    browser.click("#client > details summary")
    browser.click("form[action$='google-client/remove'] button")
    browser.find("[data-client-state=not_configured]")
    installed = json.loads(right.read_text())["web"]
    browser.click("#client form details summary")
    browser.fill("#client_id", installed["client_id"])
    browser.fill("#client_secret", installed["client_secret"])
    browser.click("form[action$=google-client] button.main")
    assert installed["client_id"] in browser.text("#client")

    # What new users begin with.
    browser.click("a[href$=defaults]")
    browser.choose("#direction", "crm_to_google")
    browser.fill("#interval_minutes", "3")
    browser.driver.execute_script("document.querySelector('form[action$=defaults]').noValidate = true")
    browser.click("p.save button")
    assert browser.has("[data-field=interval_minutes]")
    assert browser.find("#direction").get_attribute("value") == "crm_to_google", "what was good is not lost"
    browser.fill("#interval_minutes", "60")
    browser.click("p.save button")
    settings = program.call("GET", "/crms/acme")["settings"]
    assert (settings["interval_minutes"], settings["events"]["direction"]) == (60, "crm_to_google")

    # The key goes into what is to be pasted, and a link signed with it is good.
    browser.click("form[action$=link-key] button")
    key = {"key_id": browser.text("#key-id"), "key": browser.text("#key")}
    code = browser.text("#snippets pre")
    assert key["key"] in code and key["key_id"] in code and f"{program.base}/authorize?crm=acme" in code
    user = servers.addresses["crm"]["users"][1]
    browser.open(program.link("acme", key, user))
    assert browser.has("main a.button.main[href*='code_challenge']")


def test_a_file_is_dropped_on_its_place(program, servers, crm, open_browser):
    browser = open_browser()
    browser.open(f"{program.base}/admin")
    browser.fill("#key", service.ADMIN_KEY)
    browser.click("main button")
    browser.open(f"{program.base}/admin/crms/acme")
    browser.find("[data-drop]")
    dropped = browser.driver.execute_script(
        "const moved = new DataTransfer();"
        "moved.items.add(new File(['{}'], 'client.json', {type: 'application/json'}));"
        "const place = document.querySelector('[data-drop]');"
        "for (const name of ['dragenter', 'dragover', 'drop'])"
        "  place.dispatchEvent(new DragEvent(name, {dataTransfer: moved, bubbles: true, cancelable: true}));"
        "return place.querySelector('input').files[0].name;"
    )
    assert dropped == "client.json"


def test_users_are_seen_synced_paused_and_disconnected(program, servers, anna, open_browser):
    anna.authorise(open_browser())
    browser = open_browser()
    browser.open(f"{program.base}/admin")
    browser.fill("#key", service.ADMIN_KEY)
    browser.click("main button")
    browser.click(".cards a")
    assert anna.email in browser.text("#users")
    address = f"/admin/crms/acme/links/{anna.user['id']}"
    browser.click(f"form[action='{address}/pause'] button")
    browser.click(f"form[action='{address}/resume'] button")
    browser.click(f"form[action='{address}/sync'] button")
    browser.find(".told p")
    browser.click("#users details summary")
    browser.click(f"form[action='{address}/disconnect'] button")
    browser.find(".told p")
    assert anna.email not in browser.text("#users")
