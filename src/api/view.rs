//! The page where a person sees a room live.

use axum::http::header;
use axum::response::{Html, IntoResponse};

/// Plain HTML and script; asks nobody but this host.
const PAGE: &str = include_str!("view.html");

pub(super) async fn page() -> impl IntoResponse {
    let policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; media-src blob:; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (
        [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
        Html(PAGE),
    )
}
