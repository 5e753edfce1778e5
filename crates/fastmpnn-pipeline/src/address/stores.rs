//! Opens object stores.
//!
//! Credentials, region and endpoint are those of the environment, by the names that each store's own programs use
//! (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_SERVICE_ACCOUNT`, `AZURE_STORAGE_ACCOUNT_NAME`, …).

use std::env;
use std::io;
use std::sync::Once;

use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, parse_url_opts};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// The store of an address, and the place in it.
pub(crate) fn open_store(address: &str) -> io::Result<(Box<dyn ObjectStore>, ObjectPath)> {
    static PROVIDER: Once = Once::new();
    // It is set already where another library of the process has done so.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let url = Url::parse(address).map_err(io::Error::other)?;
    parse_url_opts(&url, options()).map_err(to_io)
}

/// What the calls of stores run on.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// The environment's settings, by the names of the stores' options.
fn options() -> impl Iterator<Item = (String, String)> {
    const PREFIXES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];
    let named = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let named: Vec<(String, String)> =
        named.filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix))).collect();
    // Plain HTTP is for stores on the machine or in the local network, whose endpoint says so.
    let plain = named.iter().any(|(name, value)| name.contains("ENDPOINT") && value.starts_with("http://"));
    let allowed = plain.then(|| ("allow_http".to_owned(), "true".to_owned()));
    named.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).chain(allowed)
}

pub(crate) fn to_io(error: object_store::Error) -> io::Error {
    let kind = match &error {
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        object_store::Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
