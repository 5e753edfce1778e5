//! The files of the page, compressed, as they were embedded when the program was built.

use std::io::Read;

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

/// A file of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageFile {
    /// Its address below the page's, such as `assets/index.js`.
    address: &'static str,
    /// Its bytes, gzipped.
    pub(crate) gzip: &'static [u8],
}

/// The address and the bytes of each file of the page; none where it was not built.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What there is instead of the page in a program that was built without it.
pub(crate) const PLAIN_PAGE: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>FastMPNN</title></head>
<body>
<h1>FastMPNN is running</h1>
<p>This program was built without its page. To get it, build the page first and then the program, in a checkout with
Node: <code>make web</code>, then <code>cargo build --release</code>.</p>
<p>The interface for programs is complete: <a href=\"/openapi.json\">/openapi.json</a> describes it, and
<a href=\"/v1/models\">/v1/models</a> lists the networks.</p>
</body>
</html>
";

impl PageFile {
    /// The file at an address.
    pub(crate) fn find(address: &str) -> Option<PageFile> {
        let (address, gzip) = FILES.iter().find(|(known, _)| *known == address)?;
        Some(PageFile { address, gzip })
    }

    /// Its bytes.
    pub(crate) fn unpacked(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // What was packed in the build can be unpacked.
        let _ = GzDecoder::new(self.gzip).read_to_end(&mut bytes);
        bytes
    }

    /// A tag that changes with its content.
    pub(crate) fn tag(&self) -> String {
        format!("\"{}\"", &format!("{:x}", Sha256::digest(self.gzip))[..16])
    }

    /// Whether its name changes with its content, as that of the built scripts and styles.
    pub(crate) fn is_immutable(&self) -> bool {
        self.address.starts_with("assets/")
    }

    /// Its media type.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.address.rsplit('.').next().unwrap_or_default() {
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "wasm" => "application/wasm",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "pdb" | "cif" | "txt" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}
