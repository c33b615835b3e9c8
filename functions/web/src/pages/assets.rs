//! Stylesheet, script and icon, each under a name that changes with its content, so that browsers may keep them
//! for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

use super::Refused;
use crate::messages;

/// One of them.
struct Asset {
    name: LazyLock<String>,
    content: &'static str,
    content_type: &'static str,
}

static STYLE: Asset = Asset {
    name: LazyLock::new(|| named("style", "css", STYLE.content)),
    content: include_str!("../../assets/style.css"),
    content_type: "text/css; charset=utf-8",
};
static SCRIPT: Asset = Asset {
    name: LazyLock::new(|| named("script", "js", SCRIPT.content)),
    content: include_str!("../../assets/script.js"),
    content_type: "text/javascript; charset=utf-8",
};
static ICON: Asset = Asset {
    name: LazyLock::new(|| named("icon", "svg", ICON.content)),
    content: include_str!("../../assets/icon.svg"),
    content_type: "image/svg+xml",
};

/// Address of the stylesheet.
pub(crate) fn style() -> String {
    format!("/assets/{}", *STYLE.name)
}

/// Address of the script.
pub(crate) fn script() -> String {
    format!("/assets/{}", *SCRIPT.name)
}

/// Address of the icon.
pub(crate) fn icon() -> String {
    format!("/assets/{}", *ICON.name)
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .find(|asset| *asset.name == name)
    else {
        return Refused::new(StatusCode::NOT_FOUND, messages::PAGE_NOT_FOUND).into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.content).into_response()
}

fn named(stem: &str, extension: &str, content: &str) -> String {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    let short = digest.get(..16).unwrap_or_default();
    format!("{stem}-{short}.{extension}")
}
