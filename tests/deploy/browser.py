"""A browser, as far as these tests need one: cookies, redirects, links and forms."""

import html.parser
import urllib.parse

import requests
import requests.adapters


class _FunctionUrlAdapter(requests.adapters.HTTPAdapter):
    """Takes requests for a function's https address to the emulator, as DNS and TLS would take them to AWS."""

    def __init__(self, endpoint: str):
        super().__init__()
        self._endpoint = endpoint

    def send(self, request, **options):
        there = request.url
        parts = urllib.parse.urlsplit(there)
        request.url = self._endpoint + urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        request.headers["Host"] = parts.netloc
        try:
            response = super().send(request, **options)
        finally:
            request.url = there
        response.url = there
        return response


def session(function_url: str, endpoint: str) -> requests.Session:
    """A new browser that knows the way to the function."""
    made = requests.Session()
    # Nothing of this machine's settings, such as proxies or credentials of other sites, belongs here.
    made.trust_env = False
    made.mount(function_url, _FunctionUrlAdapter(endpoint))
    return made


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links: list[str] = []
        self.forms: list[dict] = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append({"action": given.get("action", ""), "fields": [], "buttons": []})
        elif tag in ("input", "button") and self.forms and given.get("name"):
            kind = given.get("type", "text")
            if tag == "button":
                self.forms[-1]["buttons"].append((given["name"], given.get("value", "")))
            elif kind not in ("radio", "checkbox") or "checked" in given:
                self.forms[-1]["fields"].append((given["name"], given.get("value", "")))


def links(page: requests.Response) -> list[str]:
    """Where the page's links lead to."""
    return [urllib.parse.urljoin(page.url, link) for link in _read(page).links]


def press(browser: requests.Session, page: requests.Response, button: tuple[str, str]) -> requests.Response:
    """Sends the page's form that has this button, as it stands."""
    [form] = [form for form in _read(page).forms if button in form["buttons"]]
    address = urllib.parse.urljoin(page.url, form["action"])
    return browser.post(address, data=[*form["fields"], button], timeout=60)


def _read(page: requests.Response) -> _Page:
    parser = _Page()
    parser.feed(page.text)
    return parser
