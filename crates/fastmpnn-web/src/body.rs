//! Reads the body of a request, within limits of size and time.

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::limits::Limits;
use crate::problem::Problem;

/// The memory of all bodies is counted in these, bytes.
const UNIT: usize = 1024;

/// The memory that the bodies of all requests share.
#[derive(Clone, Debug)]
pub(crate) struct BodyRoom(Arc<Semaphore>);

impl BodyRoom {
    pub(crate) fn new(limits: &Limits) -> BodyRoom {
        BodyRoom(Arc::new(Semaphore::new(limits.bodies_bytes / UNIT)))
    }

    /// Takes room for that many bytes, at once or not at all.
    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        self.0.clone().try_acquire_many_owned(units).map_err(|_| {
            Problem::busy("other requests take all the memory that this service has for them").retry_after(5)
        })
    }
}

/// A body that was read, and the room that it takes.
#[derive(Debug)]
pub(crate) struct JsonBody {
    pub(crate) map: Map<String, Value>,
    pub(crate) room: OwnedSemaphorePermit,
}

/// Reads a body that is an object of JSON.
pub(crate) async fn read_json(
    headers: &HeaderMap,
    body: Body,
    room: &BodyRoom,
    limits: &Limits,
) -> Result<JsonBody, Problem> {
    check_kind(headers)?;
    let gzipped = is_gzipped(headers)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.body_bytes as u64) {
        return Err(too_large(limits.body_bytes));
    }
    // A length that is not said may be any.
    let sent = length.map_or(limits.body_bytes, |length| length as usize);
    let mut room = room.take(if gzipped { sent + limits.unpacked_bytes } else { sent })?;
    let bytes = match timeout(limits.body_time, collect(body, limits.body_bytes)).await {
        Ok(collected) => collected?,
        Err(_) => {
            let seconds = limits.body_time.as_secs_f64();
            return Err(Problem::too_slow(format!("the body has not arrived within {seconds} seconds")));
        }
    };
    let most = limits.unpacked_bytes;
    let parsed = tokio::task::spawn_blocking(move || {
        let bytes = if gzipped { unpacked(&bytes, most)? } else { bytes.to_vec() };
        Ok::<_, Problem>((bytes.len(), parse(&bytes)?))
    });
    let (taken, map) =
        parsed.await.map_err(|error| Problem::internal(format!("the body cannot be read: {error}")))??;
    // What was taken for the worst case is given back.
    let units = taken.div_ceil(UNIT);
    if let Some(more) = room.num_permits().checked_sub(units).filter(|&more| more > 0) {
        drop(room.split(more));
    }
    Ok(JsonBody { map, room })
}

fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(Problem::media_type("a body is JSON: Content-Type is application/json")),
    }
}

fn is_gzipped(headers: &HeaderMap) -> Result<bool, Problem> {
    match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(_) => Err(Problem::media_type("a body is plain or gzipped: Content-Encoding is gzip or absent")),
    }
}

fn too_large(most: usize) -> Problem {
    Problem::too_large(format!("the body has more than {} MiB", most >> 20))
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::bad_request(format!("the body is cut off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(too_large(most));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

fn unpacked(bytes: &[u8], most: usize) -> Result<Vec<u8>, Problem> {
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(most as u64 + 1).read_to_end(&mut unpacked);
    read.map_err(|error| Problem::bad_request(format!("the gzipped body is damaged: {error}")))?;
    if unpacked.len() > most {
        return Err(Problem::too_large(format!("the gzipped body unpacks to more than {} MiB", most >> 20)));
    }
    Ok(unpacked)
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Problem::bad_request("the body is JSON, but no object")),
        Err(error) => Err(Problem::bad_request(format!("the body is not JSON: {error}"))),
    }
}
