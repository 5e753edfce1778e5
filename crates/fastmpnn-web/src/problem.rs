//! Refusals and failures as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::error::WeightsError;
use schemars::JsonSchema;
use serde::Serialize;

/// What the body of a refusal is.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request is refused, or a job has failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// A name for the kind of problem that does not change: `urn:fastmpnn:problem:queue-full`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong, in one sentence.
    pub(crate) detail: String,
    /// The request's setting that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<String>,
    /// The seconds after which the request may be sent again, where that helps.
    #[serde(skip)]
    retry_after: Option<u32>,
}

macro_rules! kinds {
    ($($name:ident $status:ident $title:literal),* $(,)?) => {
        $(
            pub(crate) fn $name(detail: impl Into<String>) -> Problem {
                Problem::new(stringify!($name), StatusCode::$status, $title, detail.into())
            }
        )*
    };
}

impl Problem {
    kinds! {
        bad_request BAD_REQUEST "The request cannot be read",
        unauthorized UNAUTHORIZED "A token is needed",
        foreign FORBIDDEN "The request comes from somewhere else",
        not_found NOT_FOUND "There is no such thing",
        method_not_allowed METHOD_NOT_ALLOWED "The method is another",
        too_slow REQUEST_TIMEOUT "The request takes too long to arrive",
        too_large PAYLOAD_TOO_LARGE "The request is too large",
        media_type UNSUPPORTED_MEDIA_TYPE "The body is of another kind",
        unprocessable UNPROCESSABLE_ENTITY "The request cannot be carried out",
        queue_full TOO_MANY_REQUESTS "Too many jobs wait",
        busy SERVICE_UNAVAILABLE "The service is busy",
        ending SERVICE_UNAVAILABLE "The service is ending",
        cancelled SERVICE_UNAVAILABLE "The job was cancelled",
        internal INTERNAL_SERVER_ERROR "The service has failed",
    }

    fn new(name: &str, status: StatusCode, title: &'static str, detail: String) -> Problem {
        let kind = format!("urn:fastmpnn:problem:{}", name.replace('_', "-"));
        Problem { kind, title, status: status.as_u16(), detail, setting: None, retry_after: None }
    }

    /// The same, about a setting of the request.
    pub(crate) fn of_setting(self, setting: &str) -> Problem {
        Problem { setting: Some(setting.to_owned()), ..self }
    }

    /// The same, with the seconds after which the request may be sent again.
    pub(crate) fn retry_after(self, seconds: u32) -> Problem {
        Problem { retry_after: Some(seconds), ..self }
    }

    /// What is wrong with a request, as the pipeline says it.
    pub(crate) fn of_pipeline(error: &PipelineError) -> Problem {
        // The sentence of an absent checkpoint names a folder of the server.
        if let Some(WeightsError::Absent { name, .. }) = error.weights_error() {
            let detail = format!("the checkpoint {name} is not on the server; GET /v1/models lists those that are");
            return Problem::unprocessable(detail).of_setting("model");
        }
        let message = error.message();
        let problem = Problem::unprocessable(message.to_string());
        match message.fields().next() {
            Some(field) => problem.of_setting(field),
            None => problem,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (self.status(), [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED.as_u16() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
