//! A browser, as far as consent needs one: it keeps cookies and follows links when told to.

use std::collections::BTreeMap;

use url::Url;

/// A browser of one person.
#[derive(Debug)]
pub(crate) struct Browser {
    http: reqwest::Client,
    /// By host and port, then name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an address showed.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    /// Where it redirects to, made absolute.
    pub(crate) leads_to: Option<String>,
    pub(crate) text: String,
    address: Url,
}

impl Browser {
    /// A browser that has never been anywhere.
    pub(crate) fn new() -> Self {
        Self {
            http: super::http_client(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address and stays there, even where it redirects.
    pub(crate) async fn open(&mut self, address: &str) -> Page {
        let address = Url::parse(address).unwrap();
        self.fetch(self.http.get(address.clone()), address).await
    }

    /// Sends a form.
    pub(crate) async fn send(&mut self, address: &str, fields: &[(&str, &str)]) -> Page {
        let address = Url::parse(address).unwrap();
        self.fetch(self.http.post(address.clone()).form(fields), address)
            .await
    }

    async fn fetch(&mut self, request: reqwest::RequestBuilder, address: Url) -> Page {
        let jar = self.cookies.entry(origin(&address)).or_default();
        let sent: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header("cookie", sent.join("; ")).send().await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let text = set.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            assert!(attributes.contains("HttpOnly"), "a script could read {name}");
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let leads_to = response
            .headers()
            .get("location")
            .map(|location| address.join(location.to_str().unwrap()).unwrap().into());
        Page {
            status: response.status().as_u16(),
            leads_to,
            text: response.text().await.unwrap(),
            address,
        }
    }
}

fn origin(address: &Url) -> String {
    format!(
        "{}:{}",
        address.host_str().unwrap(),
        address.port_or_known_default().unwrap()
    )
}

impl Page {
    /// The address of the link on the page that leads to a place.
    pub(crate) fn link_to(&self, place: &str) -> String {
        let found = self
            .text
            .split("href=\"")
            .skip(1)
            .map(|rest| plain(rest.split('"').next().unwrap()))
            .find(|address| address.starts_with(place));
        found.unwrap_or_else(|| panic!("no link to {place} on {}: {}", self.address, self.text))
    }

    /// The value of a hidden field of a form on the page.
    pub(crate) fn field(&self, name: &str) -> String {
        let marked = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&marked).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no field {name} on {}: {}", self.address, self.text));
        plain(rest.split('"').next().unwrap())
    }

    /// Where it redirects to.
    pub(crate) fn redirect(&self) -> &str {
        self.leads_to
            .as_deref()
            .unwrap_or_else(|| panic!("{} does not redirect: {self:?}", self.address))
    }
}

fn plain(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}
