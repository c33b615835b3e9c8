//! Addresses as administrators give them.

use sync_core::failure::Failure;
use url::Url;

/// The address of the site itself, with a slash at its end, from whatever page of it was copied.
pub(crate) fn site_address(mut url: Url) -> Result<Url, Failure> {
    url.set_query(None);
    url.set_fragment(None);
    let kept = {
        let path = url.path().trim_end_matches('/');
        let path = path
            .strip_suffix("/index.php")
            .unwrap_or(path)
            .trim_end_matches('/');
        format!("{path}/")
    };
    url.set_path(&kept);
    if url.cannot_be_a_base() {
        return Err(Failure::permanent(
            "base_url_invalid",
            "the CRM's address is no web address",
        ));
    }
    Ok(url)
}
