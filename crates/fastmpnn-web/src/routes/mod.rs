//! The addresses of the service.

mod gate;
mod jobs;
mod nim;
mod page;
mod status;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::problem::Problem;
use crate::shared::Shared;
use crate::task::Kind;

/// All routes of the service.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new()
        .route("/v1/models", get(status::models))
        .route("/v1/health/live", get(status::live))
        .route("/v1/health/ready", get(status::ready))
        .route("/v1/jobs/{id}", get(jobs::show).delete(jobs::cancel))
        .route("/v1/jobs/{id}/events", get(jobs::events))
        .route("/metrics", get(status::metrics))
        .route("/openapi.json", get(status::openapi));
    for kind in Kind::ALL {
        let path = format!("/v1/{}", kind.name());
        router = router.route(&path, post(move |state, request: Request| tasks::post(state, kind, request)));
    }
    for path in nim::PATHS {
        router = router.route(path, post(nim::predict));
    }
    router
        .route("/", get(page::index))
        .route("/{*path}", get(page::file))
        .method_not_allowed_fallback(async || Problem::method_not_allowed("this address has other methods"))
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .layer(from_fn_with_state(shared.clone(), gate::pass))
        .with_state(shared)
}
