//! The page and the headers of all answers.

use std::path::Path;

use crate::client::Served;

#[test]
fn every_answer_has_its_headers() {
    let served = Served::new();
    for path in ["/", "/v1/models", "/nothing", "/v1/jobs/x", "/openapi.json"] {
        let answer = served.get(path);
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}: {answer:?}"));
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        // No host but this one, and no script that is not a file of it.
        for word in ["'unsafe-eval'", "'unsafe-inline'", "http:", "https:", "*"] {
            assert!(!policy.contains(word), "{policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert!(answer.header("cache-control").is_some());
        assert!(answer.header("server").is_none());
    }
}

#[test]
fn there_is_a_page() {
    let served = Served::new();
    let answer = served.get("/");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.starts_with("<!doctype html>") || text.starts_with("<!DOCTYPE html>"), "{text}");
    served.get("/../Cargo.toml").problem(404);
    served.get("/..%2f..%2fCargo.toml").problem(404);
    served.get("/assets/none.js").problem(404);
}

#[test]
fn the_page_that_was_built_is_embedded_but_for_the_network() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    let served = Served::new();
    let index = String::from_utf8(served.get("/").body).unwrap();
    assert_eq!(index.contains("<script"), built.join("index.html").exists(), "{index}");
    for file in std::fs::read_dir(built.join("assets")).into_iter().flatten() {
        let file = file.unwrap();
        let address = format!("/assets/{}", file.file_name().into_string().unwrap());
        let plain = served.get(&address);
        if address.ends_with(".weights") {
            plain.problem(404);
            continue;
        }
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"), "{address}");
        assert!((plain.status, plain.body) == (200, std::fs::read(file.path()).unwrap()), "{address}");
        let packed = served.send("GET", &address, &[("Accept-Encoding", "gzip")], b"");
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{address}");
    }
}
