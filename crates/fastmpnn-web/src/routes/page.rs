//! The page.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::page::{PLAIN_PAGE, PageFile};
use crate::problem::Problem;
use crate::shared::Shared;

/// `GET /`
pub(super) async fn index(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    // The token moves from the address into a cookie, out of sight.
    if let Some(cookie) = shared.access.cookie_for(query.as_deref().unwrap_or_default()) {
        return (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned())])
            .into_response();
    }
    match PageFile::find("index.html") {
        Some(file) => sent(file, &headers),
        None => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], PLAIN_PAGE).into_response(),
    }
}

/// `GET` of any other file of the page.
pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let file = PageFile::find(&path).ok_or_else(|| Problem::not_found("there is nothing at this address"))?;
    Ok(sent(file, &headers))
}

fn sent(file: PageFile, headers: &HeaderMap) -> Response {
    let tag = file.tag();
    let cache = if file.is_immutable() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let common = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, cache.to_owned())];
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = [(header::CONTENT_TYPE, file.media_type()), (header::VARY, "accept-encoding")];
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        true => (common, kind, [(header::CONTENT_ENCODING, "gzip")], file.gzip).into_response(),
        false => (common, kind, file.unpacked()).into_response(),
    }
}
