"""Headless Chromium, driven as a person drives a browser."""

import base64
import contextlib
import json
import os
import pathlib
import shutil

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

WIDE = (1280, 900)
NARROW = (380, 780)
WAIT_SECONDS_MAX = 20
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
AXE = pathlib.Path(os.environ.get("AXE", "")) / "node_modules" / "axe-core" / "axe.min.js"
# Everything of WCAG 2.2 AA that a program can see, and what is good practice besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colours and on room; the rest is the same for every look.
LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]

# Whether pressing something leads to another page.
LEADS_ON = """
const link = arguments[0].closest('a[href]'), button = arguments[0].closest('form button:not([type=button])');
return Boolean(link && !link.getAttribute('href').startsWith('#'))
  || Boolean(button && (button.form.noValidate || button.form.checkValidity()));
"""


class Browser:
    """One person's browser."""

    def __init__(self, driver: webdriver.Chrome):
        self.driver = driver

    # Looking

    def open(self, address: str):
        """Goes to an address."""
        self.driver.get(address)

    @property
    def address(self) -> str:
        """Where it is."""
        return self.driver.current_url

    def find(self, css: str):
        """The element, as soon as it is there and seen."""
        waiting = WebDriverWait(self.driver, WAIT_SECONDS_MAX, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(
            lambda driver: next((found for found in driver.find_elements(By.CSS_SELECTOR, css) if found.is_displayed()), None),
            f"{css} is not on {self.address}: {self.text()[:2000]}",
        )

    def has(self, css: str) -> bool:
        """Whether there is such an element now."""
        return bool(self.driver.find_elements(By.CSS_SELECTOR, css))

    def text(self, css: str = "body") -> str:
        """What it says."""
        return "\n".join(found.text for found in self.driver.find_elements(By.CSS_SELECTOR, css))

    def wait(self, condition, message: str = "it did not happen"):
        """Waits until something is so."""
        return WebDriverWait(
            self.driver, WAIT_SECONDS_MAX, ignored_exceptions=[StaleElementReferenceException]
        ).until(lambda _: condition(), message)

    # Doing

    def click(self, css: str):
        """Presses a button, follows a link, ticks a box."""
        element = self.find(css)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        leads_on = self.driver.execute_script(LEADS_ON, element)
        with self.next_page() if leads_on else contextlib.nullcontext():
            element.click()

    def enter(self):
        """The enter key, where it leads to the next page."""
        with self.next_page():
            self.press(Keys.ENTER)

    @contextlib.contextmanager
    def next_page(self):
        """Waits until what is done within has led to another page, and that page is whole."""
        self.driver.execute_script("window.leftBehind = true")
        yield
        # A page that is just being left answers in many ways.
        waiting = WebDriverWait(self.driver, WAIT_SECONDS_MAX, ignored_exceptions=[WebDriverException])
        waiting.until(
            lambda driver: driver.execute_script("return !window.leftBehind && document.readyState === 'complete'"),
            "no other page comes",
        )

    def fill(self, css: str, text: str):
        """Types into a field, over what is there."""
        element = self.find(css)
        element.clear()
        element.send_keys(text)

    def choose(self, css: str, value: str):
        """Chooses from a list."""
        self.find(css)
        self.driver.find_element(By.CSS_SELECTOR, f"{css} option[value='{value}']").click()

    def press(self, *keys: str):
        """Keys, to whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, css: str, limit: int = 150):
        """Goes with the tabulator until the element has the focus, which must then be seen."""
        for _ in range(limit):
            self.press(Keys.TAB)
            if self.driver.execute_script("return document.activeElement.matches(arguments[0])", css):
                outline = self.driver.execute_script(
                    "return getComputedStyle(document.activeElement).outlineStyle", css
                )
                assert outline != "none", f"nothing shows that {css} has the focus"
                return
        raise AssertionError(f"the tabulator does not lead to {css} on {self.address}")

    # Looks

    def look(self, size=WIDE, dark: bool = False):
        """Sets the window's size and whether the person likes it dark."""
        width, height = size
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [
                {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]},
        )  # fmt: skip

    def picture(self, path: pathlib.Path, whole: bool = True):
        """The page as it looks, to its end or as far as the window shows."""
        self.driver.execute_script("document.activeElement.blur()")
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole, **self._clip(whole)}
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def _clip(self, whole: bool) -> dict:
        if not whole:
            return {}
        width, height = self.driver.execute_script(
            "return [document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        return {"clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}

    def complaints(self, looks_only: bool = False) -> list[str]:
        """What axe-core finds on the page."""
        if not self.driver.execute_script("return Boolean(window.axe)"):
            self.driver.execute_script(AXE.read_text())
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
        if looks_only:
            options["runOnly"] = {"type": "rule", "values": LOOKS}
        else:
            # Off unless it is asked for, being young.
            options["rules"] = {"target-size": {"enabled": True}}
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, JSON.parse(arguments[0])).then((r) => done(r.violations), (e) => done([{id: String(e), nodes: []}]));",
            json.dumps(options),
        )
        return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}" for one in found]

    def fetched(self) -> list[tuple[str, int]]:
        """What the page was put together from: addresses with their bytes, the page itself first."""
        return [
            (entry[0], entry[1])
            for entry in self.driver.execute_script(
                "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
                ".map((entry) => [entry.name, entry.decodedBodySize])"
            )
        ]


@contextlib.contextmanager
def browser(folder: pathlib.Path, language: str = "en", script: bool = True):
    """A browser with an empty profile, for somebody who likes a language."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in [*FLAGS, f"--user-data-dir={folder}", f"--lang={language}", f"--window-size={WIDE[0]},{WIDE[1]}"]:
        options.add_argument(flag)
    preferences = {"intl.accept_languages": language}
    if not script:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", preferences)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        made = Browser(driver)
        made.look()
        yield made
    finally:
        driver.quit()
